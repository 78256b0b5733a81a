import { generateKeyPairSync } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import type { AlarmEvent } from '#domain/alarm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { type BatchHeader, encodeBatchHeader } from '#domain/columns/batch-header.ts'
import { encodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import { runsOf } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import type { AlarmsBatch } from '#domain/sync.ts'
import type { Clock } from '#domain/time.ts'
import { type EdgeKey, signRequest } from '#request-signing/sign-request.ts'
import type { Answer, TestPerson } from './test-person.ts'

export const EPOCH = '00000000000000a1'

export type TestEdge = {
  id: string
  key: EdgeKey
  /** Signed headers for a request, for those who send it themselves. */
  sign(
    method: string,
    url: string,
    body: Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Record<string, string>>
  /** Bytes are a batch of readings; all else goes as JSON, packed. */
  post(url: string, body: unknown): Promise<Answer>
  postBytes(url: string, bytes: Uint8Array, headers?: Record<string, string>): Promise<Answer>
  put(url: string, bytes: Uint8Array, headers?: Record<string, string>): Promise<Answer>
  get(url: string): Promise<Answer>
}

type Ask = (options: InjectOptions) => Promise<Answer>

/** A box that was given a code by `person` and enrolled with it. */
export async function enrolTestEdge(
  ask: Ask,
  clock: Clock,
  person: TestPerson,
  farm: string,
): Promise<TestEdge> {
  const code = (await person.post(path(routes.enrolmentCodes, { farm }))).body as { code: string }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const answer = await ask({
    method: 'POST',
    url: routes.edgeEnrol,
    payload: { code: code.code, publicKey: publicKey.export({ format: 'jwk' }).x },
  })
  const { edge: id } = answer.body as { edge: string }
  const key = { id, privateKey }

  const sign: TestEdge['sign'] = (method, url, body, headers = {}) =>
    signRequest(key, { method, url, headers, body }, clock.now())
  const send = async (method: 'POST' | 'PUT', url: string, bytes: Uint8Array, headers = {}) =>
    ask({ method, url, headers: await sign(method, url, bytes, headers), payload: Buffer.from(bytes) })
  const postBytes: TestEdge['postBytes'] = (url, bytes, headers) => send('POST', url, bytes, headers)

  return {
    id,
    key,
    sign,
    postBytes,
    put: (url, bytes, headers) => send('PUT', url, bytes, headers),
    post: (url, body) =>
      body instanceof Uint8Array
        ? postBytes(url, body, { 'content-type': 'application/octet-stream' })
        : postBytes(url, zstdCompressSync(JSON.stringify(body)), {
            'content-type': 'application/json',
            'content-encoding': 'zstd',
          }),
    get: async (url) => ask({ method: 'GET', url, headers: await sign('GET', url, new Uint8Array()) }),
  }
}

export function temperature(t: number, value: number, house = 'h1'): Reading {
  const series = { house, device: 'air-1', metric: 'air.temperature', source: 'sensor', by: '' } as const
  return { series, t, value, quality: 'good' }
}

export function batchHeader(from: number, to: number, more: Partial<BatchHeader> = {}): BatchHeader {
  return { epoch: EPOCH, from, to, movedByMs: 0, thinned: 0, damaged: 0, aside: 0, ...more }
}

/** A batch whose first reading has the number `from`, with its own dictionary. */
export function readingsBatch(
  from: number,
  readings: readonly Reading[],
  more: Partial<BatchHeader> = {},
): Uint8Array {
  const header = encodeBatchHeader(batchHeader(from, from + readings.length - 1, more))
  const columns = encodeWithDictionary(runsOf(readings))
  return Buffer.concat([header, readings.length > 0 ? zstdCompressSync(columns) : new Uint8Array()])
}

export function alarmsBatch(from: number, events: AlarmEvent[], epoch = EPOCH): AlarmsBatch {
  return { lane: 'alarms', epoch, from, to: from + events.length - 1, events }
}

export function alarmEvent(
  event: Partial<AlarmEvent> & Pick<AlarmEvent, 'action' | 't' | 'since'>,
): AlarmEvent {
  const { house = 'h1', device = 'air-1', rule = 'too-hot' } = event
  return {
    alarm: `${house}|${device}|${rule}|${event.since}`,
    ...{
      house,
      device,
      rule,
      metric: 'air.temperature',
      severity: 'critical',
      value: 36.2,
      limit: 34,
      late: false,
    },
    ...event,
  }
}
