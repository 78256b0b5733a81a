import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { type ErrorCode, isErrorCode } from '#domain/errors.ts'
import type { Clock } from '#domain/time.ts'
import { signRequest } from '#request-signing/sign-request.ts'
import type { Counters } from '../counters.ts'
import type { Identity } from './identity.ts'
import { connectSlimly, type Response } from './slim-http.ts'

const compress = promisify(zstdCompress)

export type CloudRequest = {
  method: 'GET' | 'POST' | 'PUT'
  /** Path with query. */
  path: string
  /** JSON text; compressed with zstd where that is worth it. */
  json?: string
  /** Sent as it is. */
  bytes?: Uint8Array
  timeoutMs?: number
}

export type CloudAnswer =
  | { kind: 'ok'; body: unknown }
  /** A refusal in our own terms. */
  | {
      kind: 'problem'
      code: ErrorCode
      detail: string
      body: Readonly<Record<string, unknown>>
      retryAfterMs?: number
    }
  /** Silence, a broken line, HTML of a hotel's log-in page, an error of something in between. */
  | { kind: 'failed'; why: string; retryAfterMs?: number }

export type CloudClient = { send(request: CloudRequest): Promise<CloudAnswer> }

export type CloudClientDeps = {
  url: string
  identity: Identity
  clock: Clock
  counters: Counters
  /** Ends what is under way. */
  closed: AbortSignal
  /**
   * The `Date` of each answer of the cloud, UTC ms with the fraction of the second dropped, and how long the whole
   * exchange took: it was stamped some time within that.
   */
  onDate?(serverMs: number, rttMs: number): void
}

const TIMEOUT_MS = 20_000
/** Slower lines than this there are none, or nothing gets through at all. */
const MS_PER_BYTE = 4
/** Below this a compressed body is hardly smaller. */
const WORTH_COMPRESSING_BYTES = 200
const MAX_RETRY_AFTER_MS = 3_600_000

/**
 * Requests to the cloud, signed with the edge's key once it has a name there. Never throws: whatever happens is
 * an answer. A clock that the cloud finds wrong is corrected for the signature, and the request sent once more.
 */
export function createCloudClient(deps: CloudClientDeps): CloudClient {
  const { url, identity, clock, counters, closed, onDate } = deps
  const exchange = connectSlimly(url, closed)
  let clockOffsetMs = 0

  const attempt = async (request: CloudRequest): Promise<{ answer: CloudAnswer; date?: number }> => {
    const { method, path } = request
    const { headers, body } = await packed(request)
    const target = new URL(path, url)
    const id = identity.edge()
    const key = id && { id, privateKey: identity.privateKey }
    const sent = { method, url: target.href, headers, body }
    const signed = key ? await signRequest(key, sent, clock.now() + clockOffsetMs) : headers
    const timeoutMs = (request.timeoutMs ?? TIMEOUT_MS) + body.length * MS_PER_BYTE
    const start = clock.monotonic()
    const response = await exchange({
      method,
      path: target.pathname + target.search,
      headers: signed,
      body,
      timeoutMs,
    })
    const answer = answerOf(response)
    const date = Date.parse(response.headers.date ?? '')
    if (answer.kind === 'failed' || !Number.isFinite(date)) return { answer }
    onDate?.(date, clock.monotonic() - start)
    return { answer, date }
  }

  return {
    async send(request) {
      try {
        const { answer, date } = await attempt(request)
        if (answer.kind !== 'problem' || answer.code !== 'signature-expired' || date === undefined)
          return answer
        clockOffsetMs = date - clock.now()
        counters.count('sync.clock-corrected', `by ${Math.round(clockOffsetMs / 1000)} s`)
        return (await attempt(request)).answer
      } catch (error) {
        return { kind: 'failed', why: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

async function packed({ json, bytes }: CloudRequest) {
  const headers: Record<string, string> = {}
  if (bytes) headers['content-type'] = 'application/octet-stream'
  if (json === undefined) return { headers, body: bytes ?? new Uint8Array() }
  headers['content-type'] = 'application/json'
  const plain = Buffer.from(json)
  if (plain.length < WORTH_COMPRESSING_BYTES) return { headers, body: plain }
  headers['content-encoding'] = 'zstd'
  return { headers, body: await compress(plain) }
}

function answerOf({ status, headers, body: bytes }: Response): CloudAnswer {
  const after = Number(headers['retry-after'] ?? Number.NaN) * 1000
  const retry = after >= 0 ? { retryAfterMs: Math.min(after, MAX_RETRY_AFTER_MS) } : {}
  if (bytes === undefined)
    return { kind: 'failed', why: `status ${status} with a body that is too long`, ...retry }
  const body = status === 204 ? null : parse(bytes.toString())
  if (body === undefined)
    return { kind: 'failed', why: `status ${status} with something that is not JSON`, ...retry }
  if (status >= 200 && status < 300) return { kind: 'ok', body }
  const { code, detail = '' } = (body ?? {}) as { code?: unknown; detail?: unknown }
  if (typeof code !== 'string' || !isErrorCode(code))
    return { kind: 'failed', why: `status ${status} without a code of ours`, ...retry }
  return {
    kind: 'problem',
    code,
    detail: String(detail).slice(0, 300),
    body: body as Record<string, unknown>,
    ...retry,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
