import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Value } from 'typebox/value'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { routes } from '#domain/api/routes.ts'
import { type EdgeLedger, type LedgerDay, LedgerView } from '#domain/ledger.ts'
import { ledgerCommand } from './ledger.ts'

const me = {
  ...{ login: 'owner', name: 'Li Wei' },
  farms: [{ id: 'north', name: 'North', timeZone: 'Asia/Shanghai' }],
}
const day = (more: Partial<LedgerDay> = {}): LedgerDay => ({
  ...{ day: '2026-06-01', measured: 10, duplicate: 0, thinned: 0, replaced: 0, aside: 0, acknowledged: 10 },
  ...{ inCloud: 10, missing: 0, surplus: 0, gaps: 0, longestGapMs: 0, damaged: 0, longestOfflineMs: 0 },
  toldAt: Date.UTC(2026, 5, 2, 5, 12),
  ...more,
})
const box = (...days: LedgerDay[]): EdgeLedger => ({
  ...{ edge: 'edge-a', isRetired: false, numbers: null, days, streams: [] },
})

let ledger: LedgerView
const server = createServer((request, response) => {
  const body = request.url?.startsWith(routes.session) ? me : ledger
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})
beforeEach(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterEach(() => new Promise((resolve) => server.close(resolve)))

it.each([
  ['nothing is missing', [box(day())], 0],
  ['something is', [box(day({ inCloud: 8, missing: 2 })), box()], 1],
  ['it is still being counted', [box(day(), day({ inCloud: null }))], 2],
  ['a box has said nothing', [box(day()), box()], 2],
  ['there is no box', [], 2],
])('exits by what is known: %s', async (_, edges, exitCode) => {
  ledger = { from: '2026-06-01', to: '2026-06-30', edges }
  expect(Value.Check(LedgerView, ledger)).toBe(true)
  const { port } = server.address() as AddressInfo
  const result = await ledgerCommand([`http://127.0.0.1:${port}`, '--login', 'owner'], 'secret')
  expect(result).toMatchObject({ exitCode })
  if (edges.some(({ days }) => days.length > 0))
    expect(result.output).toContain('the box last counted: 2026-06-02 05:12 UTC')
})
