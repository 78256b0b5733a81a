import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { type ErrorCode, isErrorCode } from '#domain/errors.ts'
import type { Clock } from '#domain/time.ts'
import { signRequest } from '#request-signing/sign-request.ts'
import type { Counters } from '../counters.ts'
import type { Identity } from './identity.ts'

const compress = promisify(zstdCompress)

export type CloudRequest = {
  method: 'GET' | 'POST'
  /** Path with query. */
  path: string
  /** Sent as JSON, compressed with zstd where that is worth it. */
  json?: unknown
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
}

const TIMEOUT_MS = 20_000
const MAX_ANSWER_BYTES = 1_000_000
/** Below this a compressed body is hardly smaller. */
const WORTH_COMPRESSING_BYTES = 200
const MAX_RETRY_AFTER_MS = 3_600_000

/**
 * Requests to the cloud, signed with the edge's key once it has a name there. Never throws: whatever happens is
 * an answer. A clock that the cloud finds wrong is corrected for the signature, and the request sent once more.
 */
export function createCloudClient({ url, identity, clock, counters, closed }: CloudClientDeps): CloudClient {
  let clockOffsetMs = 0

  const attempt = async (request: CloudRequest): Promise<CloudAnswer & { date?: number }> => {
    const { method, path } = request
    const headers: Record<string, string> = { accept: 'application/json' }
    let body = request.bytes ?? new Uint8Array()
    if (request.bytes) headers['content-type'] = 'application/octet-stream'
    if (request.json !== undefined) {
      body = Buffer.from(JSON.stringify(request.json))
      headers['content-type'] = 'application/json'
      if (body.length >= WORTH_COMPRESSING_BYTES) {
        body = await compress(body)
        headers['content-encoding'] = 'zstd'
      }
    }
    const target = new URL(path, url)
    const id = identity.edge()
    const key = id && { id, privateKey: identity.privateKey }
    const sent = { method, url: target.href, headers, body }
    const signed = key ? await signRequest(key, sent, clock.now() + clockOffsetMs) : headers
    const response = await fetch(target, {
      method,
      headers: signed,
      ...(method !== 'GET' && { body: Uint8Array.from(body) }),
      redirect: 'error',
      signal: AbortSignal.any([closed, AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS)]),
    })
    return answerOf(response, await readText(response))
  }

  return {
    async send(request) {
      try {
        const answer = await attempt(request)
        if (answer.kind !== 'problem' || answer.code !== 'signature-expired' || !answer.date) return answer
        clockOffsetMs = answer.date - clock.now()
        counters.count('sync.clock-corrected', `by ${Math.round(clockOffsetMs / 1000)} s`)
        return await attempt(request)
      } catch (error) {
        return { kind: 'failed', why: reasonOf(error) }
      }
    },
  }
}

function answerOf(response: Response, text: string | undefined): CloudAnswer & { date?: number } {
  const after = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000
  const retry = after >= 0 ? { retryAfterMs: Math.min(after, MAX_RETRY_AFTER_MS) } : {}
  if (text === undefined)
    return { kind: 'failed', why: `status ${response.status} with a body that is too long`, ...retry }
  const body = response.status === 204 ? null : parse(text)
  if (body === undefined) {
    return { kind: 'failed', why: `status ${response.status} with something that is not JSON`, ...retry }
  }
  if (response.ok) return { kind: 'ok', body }
  const { code, detail = '' } = (body ?? {}) as { code?: unknown; detail?: unknown }
  if (typeof code !== 'string' || !isErrorCode(code)) {
    return { kind: 'failed', why: `status ${response.status} without a code of ours`, ...retry }
  }
  const date = Date.parse(response.headers.get('date') ?? '')
  return {
    kind: 'problem',
    code,
    detail: String(detail).slice(0, 300),
    body: body as Record<string, unknown>,
    ...retry,
    ...(Number.isFinite(date) && { date }),
  }
}

/** Undefined when the body is longer than any answer of ours. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_ANSWER_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
