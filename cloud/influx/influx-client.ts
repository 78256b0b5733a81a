/** InfluxDB 1.x over its HTTP API: /write takes lines, /query answers InfluxQL. docs/decisions/influx.md says why no package. */
export type InfluxOptions = { url: string; database: string; user: string; password: string }

/** One series of an answer: its tags, and rows in the order of `columns`. Times are UTC µs. */
export type InfluxSeries = {
  tags: Record<string, string>
  columns: string[]
  values: (number | string | null)[][]
}

export type Influx = {
  /**
   * Writes lines with times in ms; they are on InfluxDB's disk when it resolves (its log is synced before it
   * answers 204). Points older than the database keeps are dropped by it, and count as written.
   */
  write(lines: string): Promise<void>
  /** Names and other text go in as `$name` and `params`, never into the query itself. */
  select(query: string, params: Record<string, string>): Promise<InfluxSeries[]>
  /** Runs statements that delete points; those that are not there are no mistake. */
  remove(removal: { query: string; params: Record<string, string> }): Promise<void>
  /** Rejects when the database cannot be reached, is not there, or may not be written by this user. */
  check(): Promise<void>
}

/** InfluxDB is away, or refused; `status` is its HTTP status, or 0 when there was no answer. */
export class InfluxFailure extends Error {
  readonly status: number
  constructor(message: string, status: number, cause?: unknown) {
    super(`InfluxDB: ${message}`, { cause })
    this.status = status
  }
}

const PATIENCE_MS = 10_000
const CHECK_PATIENCE_MS = 3_000

export function connectInflux({ url, database, user, password }: InfluxOptions): Influx {
  const writeUrl = new URL('write', withSlash(url))
  writeUrl.search = new URLSearchParams({ db: database, precision: 'ms' }).toString()
  const queryUrl = new URL('query', withSlash(url))
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  const post = async (to: URL, body: string | URLSearchParams, patienceMs: number) => {
    try {
      const signal = AbortSignal.timeout(patienceMs)
      const answer = await fetch(to, {
        ...{ method: 'POST', headers: { authorization }, redirect: 'error', body, signal },
      })
      // The body is read within the same patience: an answer that is cut off is no answer.
      return { status: answer.status, text: await answer.text() }
    } catch (error) {
      throw new InfluxFailure(`no answer from ${to.origin} (${reasonOf(error)})`, 0, error)
    }
  }
  const write = async (lines: string, patienceMs: number) => {
    const { status, text } = await post(writeUrl, lines, patienceMs)
    if (status === 204) return
    if (status === 400 && /points beyond retention policy/.test(text)) return
    throw new InfluxFailure(`write refused, ${status} ${text.trim()}`, status)
  }

  return {
    write: (lines) => write(lines, PATIENCE_MS),

    async select(q, params) {
      const body = new URLSearchParams({ db: database, epoch: 'u', q, params: JSON.stringify(params) })
      const { status, text } = await post(queryUrl, body, PATIENCE_MS)
      const answer = parseAnswer(text)
      const [result] = answer?.results ?? []
      const mistake = answer?.error ?? result?.error
      if (status !== 200 || !result || mistake !== undefined) {
        throw new InfluxFailure(`query failed, ${status} ${mistake ?? text.slice(0, 200).trim()}`, status)
      }
      const series = result.series ?? []
      if (result.partial || series.some(({ partial }) => partial)) {
        throw new InfluxFailure('it cut its answer short: raise max-row-limit', status)
      }
      return series.map(({ tags = {}, columns, values }) => ({ tags, columns, values }))
    },

    async remove({ query: q, params }) {
      const body = new URLSearchParams({ db: database, q, params: JSON.stringify(params) })
      const { status, text } = await post(queryUrl, body, PATIENCE_MS)
      const answer = parseAnswer(text)
      const mistake = answer?.error ?? answer?.results?.find(({ error }) => error !== undefined)?.error
      if (status === 200 && answer?.results && mistake === undefined) return
      throw new InfluxFailure(`deletion failed, ${status} ${mistake ?? text.slice(0, 200).trim()}`, status)
    },

    // A write of nothing passes all of its doors: address, log-in, database, the right to write.
    check: () => write('', CHECK_PATIENCE_MS),
  }
}

type Answer = {
  error?: string
  results?: {
    error?: string
    partial?: boolean
    series?: (Omit<InfluxSeries, 'tags'> & { tags?: Record<string, string>; partial?: boolean })[]
  }[]
}

function parseAnswer(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer
  } catch {
    return undefined
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

/** fetch says only "fetch failed": what happened stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message
}
