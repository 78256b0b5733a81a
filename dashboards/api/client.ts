import { type ErrorCode, isErrorCode } from '#domain/errors.ts'

export type Failure =
  /** No answer: no net, no server, or too slow. */
  { kind: 'offline' } | { kind: 'refused'; status: number; code: ErrorCode | undefined; detail: string }

export type Result<T> = { ok: true; body: T } | { ok: false; failure: Failure }

/** The whole of HTTP that the page knows. An expected failure is a value; nothing here throws. */
export type Api = {
  get<T>(path: string): Promise<Result<T>>
  post<T>(path: string, body?: unknown): Promise<Result<T>>
  remove(path: string): Promise<Result<undefined>>
}

/** One bar of signal is slow; beyond this it is none. */
const TIMEOUT_MS = 20_000

export function createApi(fetcher: typeof fetch): Api {
  async function send<T>(method: string, path: string, body?: unknown): Promise<Result<T>> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
    try {
      const response = await fetcher(path, {
        method,
        cache: 'no-store',
        signal: abort.signal,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const parsed = parse(text)
      if (!response.ok) return { ok: false, failure: refusal(response.status, parsed) }
      // A captive portal answers with its own page.
      if (text !== '' && parsed === undefined) return { ok: false, failure: { kind: 'offline' } }
      return { ok: true, body: parsed as T }
    } catch {
      return { ok: false, failure: { kind: 'offline' } }
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    remove: (path) => send('DELETE', path),
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** problem+json (RFC 9457); a proxy's own error page has neither code nor detail. */
function refusal(status: number, body: unknown): Failure {
  const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  if (code === undefined && (status === 502 || status === 504)) return { kind: 'offline' }
  return {
    kind: 'refused',
    status,
    code: typeof code === 'string' && isErrorCode(code) ? code : undefined,
    detail: typeof detail === 'string' ? detail : `HTTP ${status}`,
  }
}
