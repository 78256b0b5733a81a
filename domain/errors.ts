/**
 * Every error that crosses a door of ours: its code, its HTTP status, whether trying again can help.
 * Bodies are problem+json (RFC 9457) with `code` as an extra member; `detail` says what was wrong and what
 * to do.
 */
export const errors = {
  'not-found': { status: 404, retryable: false },
  'not-valid': { status: 400, retryable: false },
  'not-logged-in': { status: 401, retryable: false },
  'login-failed': { status: 401, retryable: false },
  'signature-missing': { status: 401, retryable: false },
  'signature-wrong': { status: 401, retryable: false },
  'signature-expired': { status: 401, retryable: true },
  'edge-unknown': { status: 401, retryable: false },
  'not-yours': { status: 403, retryable: false },
  'cross-site': { status: 403, retryable: false },
  'setup-done': { status: 409, retryable: false },
  'setup-code-wrong': { status: 403, retryable: false },
  'code-wrong': { status: 403, retryable: false },
  'batch-gap': { status: 409, retryable: true },
  // The edge's clock is ahead, by an hour at most: its readings wait until the cloud's time has come to theirs.
  'from-the-future': { status: 409, retryable: true },
  // The batch refers to a dictionary that the cloud does not have: send it, then the batch again.
  'dictionary-unknown': { status: 409, retryable: true },
  // The edge is of a newer version than the cloud: its readings wait for the cloud's upgrade.
  'metric-unknown': { status: 409, retryable: true },
  'batch-wrong': { status: 422, retryable: false },
  'books-wrong': { status: 422, retryable: false },
  'calibration-wrong': { status: 422, retryable: false },
  'already-there': { status: 409, retryable: false },
  'too-large': { status: 413, retryable: false },
  'too-many': { status: 429, retryable: true },
  'store-down': { status: 503, retryable: true },
  internal: { status: 500, retryable: true },
} as const

export type ErrorCode = keyof typeof errors

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errors, code)
}

export function isRetryable(code: ErrorCode): boolean {
  return errors[code].retryable
}

/** An expected failure on its way to the door. `extra` joins the problem's body (e.g. the number expected). */
export class Problem extends Error {
  readonly code: ErrorCode
  readonly extra: Readonly<Record<string, unknown>>
  constructor(code: ErrorCode, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.extra = extra
  }
}
