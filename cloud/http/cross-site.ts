import type { FastifyRequest } from 'fastify'
import { Problem } from '#domain/errors.ts'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a write that a browser sends from another site's page (CSRF): by Sec-Fetch-Site, or by Origin for
 * browsers without it. Hosts are compared, not schemes: a proxy may end TLS in front of us. What is no
 * browser sends neither, and has no cookie that it did not mean to send.
 */
export function refuseCrossSite({ method, headers, host }: FastifyRequest): void {
  if (SAFE.has(method)) return
  const site = headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return
  if (site === undefined && (headers.origin === undefined || hostOf(headers.origin) === host)) return
  throw new Problem('cross-site', 'this was sent from a page of another site')
}

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host
}
