import { generateKeyPairSync } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import type { AlarmEvent } from '#domain/alarm.ts'
import { path, routes } from '#domain/api/routes.ts'
import type { Reading } from '#domain/reading.ts'
import { type AlarmsBatch, packReadings, type ReadingsBatch } from '#domain/sync.ts'
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
  post(url: string, json: unknown): Promise<Answer>
  postBytes(url: string, bytes: Uint8Array, headers?: Record<string, string>): Promise<Answer>
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
  const postBytes: TestEdge['postBytes'] = async (url, bytes, headers = {}) =>
    ask({
      method: 'POST',
      url,
      headers: await sign('POST', url, bytes, headers),
      payload: Buffer.from(bytes),
    })

  return {
    id,
    key,
    sign,
    postBytes,
    post: (url, json) =>
      postBytes(url, zstdCompressSync(JSON.stringify(json)), {
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

/** A batch whose first reading has the number `from`. */
export function readingsBatch(from: number, readings: readonly Reading[], epoch = EPOCH): ReadingsBatch {
  return { lane: 'readings', epoch, from, to: from + readings.length - 1, ...packReadings(readings) }
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
