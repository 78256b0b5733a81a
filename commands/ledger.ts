import { parseArgs } from 'node:util'
import { Value } from 'typebox/value'
import { type Farm, Me } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { type EdgeLedger, LedgerView, standing } from '#domain/ledger.ts'
import { HOUR, MINUTE } from '#domain/time.ts'

const usage = `flockwise ledger <address> --login <log-in> [options]

What each box measured, what the service has of it, and what is missing. <address> is that of the phone page.
The password is read from FLOCKWISE_PASSWORD.

  --farm <id>         the farm, where the log-in has several
  --from <day>        first day, UTC, as 2026-06-01 (30 days ago)
  --to <day>          last day (today)
  --streams           a line for each sensor and quantity too
  --json              the answer as it is

Exit code 0: nothing is missing; 1: something is; 2: nobody knows yet, or it could not be asked, and why.
`

type CommandResult = { exitCode: number; output: string }
const failed = (output: string): CommandResult => ({ exitCode: 2, output })

/** Asks the service for the ledger as a person of the farm. `password` comes from the environment. */
export async function ledgerCommand(args: string[], password: string | undefined): Promise<CommandResult> {
  const parsed = parse(args)
  if (typeof parsed === 'string') return failed(`${parsed}\n\n${usage}`)
  if (!password) return failed(`FLOCKWISE_PASSWORD is not set\n\n${usage}`)
  const { address, values } = parsed
  try {
    const { farms, cookie } = await logIn(address, values.login, password)
    const farm = chooseFarm(farms, values.farm)
    if (typeof farm === 'string') return failed(`${farm}\n`)
    const target = new URL(path(routes.ledger, { farm: farm.id }), address)
    for (const name of ['from', 'to'] as const) {
      const day = values[name]
      if (day !== undefined) target.searchParams.set(name, day)
    }
    const ledger = await ask(target, { headers: { cookie } })
    if (!Value.Check(LedgerView, ledger.body))
      return failed(`${address} answers with something else than a ledger\n`)
    const text = values.json
      ? `${JSON.stringify(ledger.body)}\n`
      : print(farm, ledger.body, values.streams ?? false)
    return { exitCode: exitCodeOf(ledger.body), output: text }
  } catch (error) {
    return failed(`${address}: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/** Where a box has said nothing, or the service still counts, nothing found missing does not mean that nothing is. */
function exitCodeOf({ edges }: LedgerView): number {
  const days = edges.flatMap((edge) => edge.days)
  if (days.some(({ missing }) => missing > 0)) return 1
  const isKnown = edges.length > 0 && edges.every((edge) => edge.days.length > 0)
  return isKnown && days.every(({ inCloud }) => inCloud !== null) ? 0 : 2
}

function parse(args: string[]) {
  const options = {
    ...{
      login: { type: 'string' },
      farm: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
    },
    ...{ streams: { type: 'boolean' }, json: { type: 'boolean' } },
  } as const
  try {
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true })
    const [address, ...more] = positionals
    if (address === undefined || more.length > 0) return 'name one address'
    if (!URL.canParse(address)) return `"${address}" is no address; one begins with https:// or http://`
    const { login } = values
    if (login === undefined) return '--login is missing'
    return { address, values: { ...values, login } }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function logIn(address: string, login: string, password: string) {
  const answer = await ask(new URL(routes.session, address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password }),
  })
  if (!Value.Check(Me, answer.body)) throw new Error('this is no Flockwise service')
  return { farms: answer.body.farms, cookie: answer.cookies.map((cookie) => cookie.split(';')[0]).join('; ') }
}

function chooseFarm(farms: readonly Farm[], wanted: string | undefined): Farm | string {
  const names = farms.map(({ id }) => id).join(', ')
  if (wanted === undefined && farms.length > 1) return `which farm? --farm with one of: ${names}`
  const farm = farms.find(({ id }) => wanted === undefined || id === wanted)
  return farm ?? (farms.length === 0 ? 'this log-in has no farm' : `no farm "${wanted}"; there are: ${names}`)
}

async function ask(target: URL, init: RequestInit): Promise<{ body: unknown; cookies: string[] }> {
  const response = await fetch(target, { ...init, redirect: 'error' })
  const text = await response.text()
  const body = parseJson(text)
  if (response.ok && body !== undefined) return { body, cookies: response.headers.getSetCookie() }
  const detail = (body as { detail?: unknown } | undefined)?.detail
  throw new Error(`status ${response.status}${typeof detail === 'string' ? `: ${detail}` : ''}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function print(farm: Farm, { from, to, edges }: LedgerView, withStreams: boolean): string {
  const lines = [`${farm.name}, ${from} to ${to}`]
  if (edges.length === 0) lines.push('no box is connected')
  for (const edge of edges) lines.push('', ...edgeLines(edge, withStreams))
  return `${lines.join('\n')}\n`
}

const COLUMNS = [
  'measured',
  'twice',
  'thinned',
  'aside',
  'waiting',
  'in cloud',
  'missing',
  'surplus',
  'gaps',
  'longest gap',
]

function edgeLines(ledger: EdgeLedger, withStreams: boolean): string[] {
  const { edge, isRetired, numbers, days, streams } = ledger
  const lines = [
    numbers
      ? `${edge}${isRetired ? ' (disconnected)' : ''}: numbers 1 to ${numbers.stored}, sent up to ${numbers.sent}, acknowledged up to ${numbers.acknowledged} (epoch ${numbers.epoch})`
      : `${edge}: has not counted yet`,
  ]
  if (days.length === 0) return lines
  const toldAt = Math.max(...days.map((day) => day.toldAt))
  lines.push(`the box last counted: ${new Date(toldAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`)
  const offline = Math.max(...days.map(({ longestOfflineMs }) => longestOfflineMs))
  lines.push(`longest time without the cloud: ${spanOf(offline)}`)
  const damaged = days.reduce((sum, day) => sum + day.damaged, 0)
  if (damaged > 0) lines.push(`lost on a damaged disk, among what is missing: ${damaged}`)
  lines.push(row('day', COLUMNS), ...days.map((day) => row(day.day, cells(day))))
  if (withStreams) {
    lines.push('', row('sensor', COLUMNS))
    for (const stream of streams) {
      const { house, device, metric, source, by } = stream
      lines.push(
        row(
          [house, device, metric, source === 'sensor' ? '' : `${source} ${by}`].join(' ').trim(),
          cells(stream),
        ),
      )
    }
  }
  return lines
}

function cells(counts: EdgeLedger['days'][number] | EdgeLedger['streams'][number]): string[] {
  const { measured, duplicate, thinned, aside, acknowledged, inCloud, missing, surplus, gaps, longestGapMs } =
    counts
  const waiting = standing(counts) - acknowledged
  return [
    ...[measured, duplicate, thinned, aside, waiting].map(String),
    inCloud === null ? 'counting' : String(inCloud),
    ...[String(missing), String(surplus), String(gaps), spanOf(longestGapMs)],
  ]
}

function row(name: string, cells: readonly string[]): string {
  return [
    name.padEnd(12),
    ...cells.map((cell, index) => cell.padStart((COLUMNS[index]?.length ?? 0) + 2)),
  ].join('')
}

function spanOf(ms: number): string {
  return ms >= HOUR ? `${(ms / HOUR).toFixed(1)} h` : `${(ms / MINUTE).toFixed(1)} min`
}
