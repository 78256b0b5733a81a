import fastifyCookie from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../http/app.ts'
import { SESSION_MS } from './sessions.ts'

export async function readCookies(app: App): Promise<void> {
  await app.register(fastifyCookie)
}

/** Over TLS the prefix keeps other hosts of the domain, and plain HTTP, from setting it. */
const nameFor = ({ protocol }: FastifyRequest) => (protocol === 'https' ? '__Host-flockwise' : 'flockwise')
const attributesFor = ({ protocol }: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: protocol === 'https' }) as const

export function readSessionCookie(request: FastifyRequest): string | undefined {
  return request.cookies[nameFor(request)]
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  void reply.setCookie(nameFor(request), token, { ...attributesFor(request), maxAge: SESSION_MS / 1000 })
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(nameFor(request), attributesFor(request))
}
