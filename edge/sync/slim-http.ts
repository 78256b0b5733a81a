import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { MINUTE } from '#domain/time.ts'

export type Response = {
  status: number
  headers: IncomingMessage['headers']
  /** Undefined when it is longer than any answer of ours. */
  body: Buffer | undefined
}
export type Exchange = (request: {
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /** From the start to the last byte of the answer. */
  timeoutMs: number
}) => Promise<Response>

const MAX_ANSWER_BYTES = 1_000_000

/**
 * HTTP with no header but those that are needed, over connections that stay: fetch sends six more headers with each
 * request, and a new connection costs some kilobytes of TLS. Redirects are not followed. Rejects when no whole
 * answer comes.
 */
export function connectSlimly(url: string, closed: AbortSignal): Exchange {
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'https:'
  // So that whatever stands in between keeps a connection on which nobody has spoken for minutes.
  const options = { keepAlive: true, keepAliveMsecs: MINUTE }
  const agent = isTls ? new HttpsAgent(options) : new HttpAgent(options)
  closed.addEventListener('abort', () => agent.destroy())
  // An IPv6 address stands in brackets in a URL only.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')

  const once: Exchange = ({ method, path, headers, body, timeoutMs }) =>
    new Promise((resolve, reject) => {
      if (closed.aborted) return reject(new Error('closed'))
      const request = (isTls ? httpsRequest : httpRequest)({
        ...{ host, port, method, path, agent, signal: closed },
        headers: body.length > 0 ? { ...headers, 'content-length': `${body.length}` } : { ...headers },
      })
      // HTTP/1.1 keeps a connection without being told.
      request.removeHeader('connection')
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${Math.round(timeoutMs / 1000)} s`))
      }, timeoutMs)
      const fail = (error: Error) => {
        clearTimeout(timer)
        reject(request.reusedSocket ? new StaleConnection(error.message, { cause: error }) : error)
      }
      request.on('error', fail)
      request.on('response', (response) => {
        const { statusCode: status = 0, headers } = response
        const chunks: Buffer[] = []
        let length = 0
        const done = (whole: Buffer | undefined) => {
          clearTimeout(timer)
          resolve({ status, headers, body: whole })
        }
        response.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length <= MAX_ANSWER_BYTES) return chunks.push(chunk)
          done(undefined)
          return request.destroy()
        })
        response.on('end', () => done(Buffer.concat(chunks)))
        response.on('error', (error) => {
          clearTimeout(timer)
          reject(error)
        })
      })
      request.end(body)
      return undefined
    })

  return async (request) => {
    try {
      return await once(request)
    } catch (error) {
      // The other side closed it while it was idle; all that we ask may be asked twice.
      if (error instanceof StaleConnection && isCutOff(error.cause) && !closed.aborted) return once(request)
      throw error
    }
  }
}

class StaleConnection extends Error {}

function isCutOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}
