import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ProblemBody } from '#domain/api/farm.ts'
import { type ErrorCode, errors, isRetryable, Problem } from '#domain/errors.ts'
import type { Counters } from '../counters.ts'
import type { App } from './app.ts'
import { describeInvalid } from './describe-invalid.ts'

const RETRY_AFTER_S = 10

/** What every route may answer besides its own: problem+json. Spread into its `response` schemas. */
export const problems = {
  '4xx': problemResponse('Refused: the code and the detail say why'),
  '5xx': problemResponse('Not now: try again later'),
}
function problemResponse(description: string) {
  return { description, content: { 'application/problem+json': { schema: ProblemBody } } }
}
/** An answer without a body. */
export const NoBody = Type.Null({ description: 'Done' })

/** Turns whatever is thrown into a problem (RFC 9457), and counts it. */
export function answerProblems(
  app: App,
  { counters, isStoreFailure }: { counters: Counters; isStoreFailure(error: unknown): boolean },
): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error as FastifyError, isStoreFailure)
    if (errors[problem.code].status >= 500) {
      request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed')
    }
    return sendProblem(counters, problem, request, reply)
  })
}

export function sendProblem(
  counters: Counters,
  { code, message, extra }: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status } = errors[code]
  counters.count(`refused.${code}`, request.visitor?.farm?.id ?? request.visitor?.edge?.farm)
  const retryAfterS = extra.retryAfterS ?? (status === 503 ? RETRY_AFTER_S : undefined)
  if (isRetryable(code) && typeof retryAfterS === 'number') reply.header('retry-after', String(retryAfterS))
  // The rest of an upload that is too large is not worth reading.
  if (status === 413) reply.header('connection', 'close')
  const body = {
    type: 'about:blank',
    title: code.replaceAll('-', ' '),
    status,
    detail: message,
    code,
    ...extra,
  }
  return reply.code(status).header('content-type', 'application/problem+json').send(JSON.stringify(body))
}

function problemOf(error: FastifyError | Problem, isStoreFailure: (error: unknown) => boolean): Problem {
  if (error instanceof Problem) return error
  if ('validation' in error && error.validation) {
    const { field, detail } = describeInvalid(error.validation, error.validationContext ?? 'body')
    return new Problem('not-valid', detail, { field })
  }
  if (isStoreFailure(error)) {
    return new Problem('store-down', 'the store cannot take this now: keep it and try again')
  }
  if (error.statusCode === 415) return new Problem('not-valid', 'send the body as application/json')
  const status = error.statusCode ?? 500
  const code = codeByStatus[status]
  // A plug-in's own refusal, such as the page's of `//` or `..` in a path: nothing of ours broke.
  if (!code && status >= 400 && status < 500) return new Problem('not-found', error.message)
  return code
    ? new Problem(code, error.message)
    : new Problem('internal', 'something broke here; it was logged')
}

/** Errors that the framework itself raises, before one of ours could. */
const codeByStatus: Partial<Record<number, ErrorCode>> = {
  400: 'not-valid',
  404: 'not-found',
  413: 'too-large',
  414: 'too-large',
  429: 'too-many',
}
