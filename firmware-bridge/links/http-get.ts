import { randomBytes } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Address } from './address.ts'
import { answerChallenge, type Challenge, readChallenge } from './http-auth.ts'

const ANSWER_WITHIN_MS = 10_000
/** A picture of 12 megapixels has less. */
const MAX_BODY_BYTES = 8_000_000

/** The camera does not take this user with this password. */
export class WrongPassword extends Error {}

/** Gets one address again and again, and logs in where it is asked to. Rejects with a reason in plain words. */
export function createGetter(address: Address, path?: string): (signal: AbortSignal) => Promise<Uint8Array> {
  const url = new URL(address.url)
  if (path !== undefined && url.pathname === '/' && url.search === '') url.href = new URL(path, url).href
  let challenge: Challenge | undefined
  let count = 0

  const header = (): string | undefined => {
    if (challenge === undefined || address.user === undefined) return undefined
    count++
    return answerChallenge(challenge, {
      method: 'GET',
      uri: url.pathname + url.search,
      user: address.user,
      password: address.password ?? '',
      count,
      clientNonce: randomBytes(12).toString('hex'),
    })
  }

  return async (signal) => {
    const first = await get(url, header(), signal)
    if (first.status !== 401) return bodyOf(first)
    challenge = readChallenge(first.challenges)
    count = 0
    if (address.user === undefined) throw new WrongPassword('the camera asks for a user and a password')
    if (!challenge) throw new Error('the camera asks for a log-in that is neither basic nor digest')
    const second = await get(url, header(), signal)
    if (second.status === 401) throw new WrongPassword('the camera refuses user and password')
    return bodyOf(second)
  }
}

type Answer = { status: number; challenges: string[]; body: Uint8Array }

function bodyOf({ status, body }: Answer): Uint8Array {
  if (status !== 200) throw new Error(`the camera answers with ${status}`)
  return body
}

function get(url: URL, authorization: string | undefined, signal: AbortSignal): Promise<Answer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(late.aborted ? new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`) : error)
    const asked = request(
      url,
      {
        headers: authorization === undefined ? {} : { authorization },
        signal: AbortSignal.any([signal, late]),
        // Cameras sign for themselves, and are met on the farm's own network.
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > MAX_BODY_BYTES) asked.destroy(new Error('the camera sends more than a picture'))
          else chunks.push(chunk)
        })
        response.on('error', fail)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            challenges: response.headersDistinct['www-authenticate'] ?? [],
            body: new Uint8Array(Buffer.concat(chunks)),
          }),
        )
      },
    )
    asked.on('error', fail)
    asked.end()
  })
}
