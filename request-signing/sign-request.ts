import { type KeyObject, sign } from 'node:crypto'
import { httpbis } from 'http-message-signatures'
import { absolute, contentDigest, type RequestToSign, SIGNED_FIELDS } from './components.ts'

export type EdgeKey = {
  /** The edge's id at the cloud. */
  id: string
  /** Ed25519. */
  privateKey: KeyObject
}

/**
 * The request's headers with Content-Digest, Signature-Input and Signature added.
 * `now` is the edge's best knowledge of UTC ms: the cloud refuses a signature far from its own time.
 */
export async function signRequest(
  key: EdgeKey,
  request: RequestToSign,
  now: number,
): Promise<Record<string, string>> {
  const signed = await httpbis.signMessage(
    {
      key: { id: key.id, alg: 'ed25519', sign: async (data) => sign(null, data, key.privateKey) },
      fields: SIGNED_FIELDS,
      params: ['created', 'keyid', 'alg'],
      paramValues: { created: new Date(now) },
    },
    {
      method: request.method,
      url: absolute(request.url),
      headers: { ...request.headers, 'content-digest': contentDigest(request.body) },
    },
  )
  return signed.headers as Record<string, string>
}
