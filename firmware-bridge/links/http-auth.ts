import { createHash } from 'node:crypto'

/** What a server wants to know of who asks, from its `WWW-Authenticate`. */
export type Challenge =
  | { scheme: 'basic' }
  | {
      scheme: 'digest'
      realm: string
      nonce: string
      opaque: string | undefined
      algorithm: keyof typeof hashes
      isSession: boolean
      qop: boolean
    }

const hashes = { MD5: 'md5', 'SHA-256': 'sha256' } as const

/** The best challenge that we can answer: digest before basic, SHA-256 before MD5. Undefined where there is none. */
export function readChallenge(headers: readonly string[]): Challenge | undefined {
  const found = headers
    .flatMap((header) => header.split(/(?=\b(?:Digest|Basic)\s+\w+=)/i))
    .map(readOne)
    .filter((challenge) => challenge !== undefined)
  const digests = found.filter((challenge) => challenge.scheme === 'digest')
  return digests.find(({ algorithm }) => algorithm === 'SHA-256') ?? digests[0] ?? found[0]
}

function readOne(text: string): Challenge | undefined {
  if (/^\s*basic\b/i.test(text)) return { scheme: 'basic' }
  if (!/^\s*digest\b/i.test(text)) return undefined
  const values = new Map(
    [...text.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name, quoted, bare]) => [
      (name ?? '').toLowerCase(),
      (quoted ?? bare ?? '').replaceAll(/\\(.)/g, '$1'),
    ]),
  )
  const [, name = 'MD5', session] = /^(.*?)(-sess)?$/i.exec(values.get('algorithm') ?? 'MD5') ?? []
  const algorithm = name.toUpperCase()
  const nonce = values.get('nonce')
  if (nonce === undefined || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) return undefined
  const qop = values.get('qop')
  // Only the integrity of the body is offered: we have none to show.
  if (qop !== undefined && !qop.split(/[\s,]+/).includes('auth')) return undefined
  return {
    scheme: 'digest',
    realm: values.get('realm') ?? '',
    nonce,
    opaque: values.get('opaque'),
    algorithm,
    isSession: session !== undefined,
    qop: qop !== undefined,
  }
}

export type Request = {
  method: string
  /** Path and query. */
  uri: string
  user: string
  password: string
  /** How often this nonce was used, from 1. */
  count: number
  /** Ours, anew for each request. */
  clientNonce: string
}

/** The `Authorization` header: RFC 7617 for basic, RFC 7616 §3.4 for digest. */
export function answerChallenge(challenge: Challenge, request: Request): string {
  const { method, uri, user, password, count, clientNonce } = request
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const { realm, nonce, opaque, algorithm, isSession, qop } = challenge
  const hash = (text: string) => createHash(hashes[algorithm]).update(text).digest('hex')
  const plain = hash(`${user}:${realm}:${password}`)
  const secret = isSession ? hash(`${plain}:${nonce}:${clientNonce}`) : plain
  const asked = hash(`${method}:${uri}`)
  const nc = count.toString(16).padStart(8, '0')
  const response = hash(
    qop ? `${secret}:${nonce}:${nc}:${clientNonce}:auth:${asked}` : `${secret}:${nonce}:${asked}`,
  )
  const quoted = (name: string, value: string) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`
  return `Digest ${[
    quoted('username', user),
    quoted('realm', realm),
    quoted('nonce', nonce),
    quoted('uri', uri),
    `algorithm=${algorithm}${isSession ? '-sess' : ''}`,
    quoted('response', response),
    ...(qop ? ['qop=auth', `nc=${nc}`] : []),
    ...(qop || isSession ? [quoted('cnonce', clientNonce)] : []),
    ...(opaque === undefined ? [] : [quoted('opaque', opaque)]),
  ].join(', ')}`
}
