import { createHash } from 'node:crypto'

/**
 * What an edge's signature covers (RFC 9421): method, path, query and the digest of the body (RFC 9530).
 * Not the authority: a proxy in front of the cloud may change it.
 */
export const SIGNED_FIELDS = ['@method', '@path', '@query', 'content-digest']

/** A signature is good this long before and after it was made, seconds. */
export const SIGNATURE_WINDOW_S = 300

export type RequestToSign = {
  method: string
  /** Path with query, or a whole URL. */
  url: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

/** A URL for the library's components; host and scheme are not signed. */
export function absolute(url: string): string {
  return url.startsWith('/') ? `http://edge.invalid${url}` : url
}
