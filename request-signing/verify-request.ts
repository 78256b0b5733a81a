import { createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { httpbis } from 'http-message-signatures'
import type { ErrorCode } from '#domain/errors.ts'
import {
  absolute,
  contentDigest,
  type RequestToSign,
  SIGNATURE_WINDOW_S,
  SIGNED_FIELDS,
} from './components.ts'

export type Verified = { ok: true; keyId: string } | { ok: false; code: ErrorCode; detail: string }

/** Finds an edge's public key by its id; undefined for an edge that is not known, or no longer. */
export type KeyLookup = (keyId: string) => Promise<KeyObject | undefined>

/** Raw Ed25519 public key, base64url, as an edge sends it when it enrols. Throws on anything else. */
export function publicKeyFrom(raw: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' })
}

/**
 * Checks that a request comes from the edge it names, is whole, and was made within the last minutes.
 * `now` is UTC ms. Never throws for anything that a client can send.
 */
export async function verifyRequest(
  request: RequestToSign,
  lookup: KeyLookup,
  now: number,
): Promise<Verified> {
  const { headers } = request
  if (!headers.signature || !headers['signature-input']) {
    return refused('signature-missing', 'sign the request with the edge key (RFC 9421)')
  }
  const digest = Buffer.from(headers['content-digest'] ?? '')
  const expected = Buffer.from(contentDigest(request.body))
  if (digest.length !== expected.length || !timingSafeEqual(digest, expected)) {
    return refused('signature-wrong', 'content-digest is not the SHA-256 of the body')
  }
  let refusal: Verified | undefined
  let keyId = ''
  try {
    const good = await httpbis.verifyMessage(
      {
        all: true,
        requiredFields: SIGNED_FIELDS,
        requiredParams: ['created', 'keyid', 'alg'],
        // The library judges time by the machine's clock; ours is passed in and judged below.
        notAfter: Number.MAX_SAFE_INTEGER,
        keyLookup: async ({ keyid, created }) => {
          const age = Math.abs(now - (created?.getTime() ?? 0)) / 1000
          if (!(age <= SIGNATURE_WINDOW_S)) {
            refusal = refused(
              'signature-expired',
              `made ${Math.round(age)} s from the cloud's time; set the clock`,
            )
            return null
          }
          const key = keyid === undefined ? undefined : await lookup(keyid)
          if (!key) {
            refusal = refused(
              'edge-unknown',
              `no edge "${keyid}" is enrolled here; enrol it with a code from the page`,
            )
            return null
          }
          keyId = keyid ?? ''
          return { algs: ['ed25519'], verify: async (data, signature) => verify(null, data, key, signature) }
        },
      },
      { method: request.method, url: absolute(request.url), headers: { ...headers } },
    )
    if (good && !refusal) return { ok: true, keyId }
  } catch {
    // A malformed or incomplete signature: the library throws a kind for each, the edge needs only to know that it is wrong.
  }
  return refusal ?? refused('signature-wrong', 'the signature does not fit the request and the enrolled key')
}

function refused(code: ErrorCode, detail: string): Verified {
  return { ok: false, code, detail }
}
