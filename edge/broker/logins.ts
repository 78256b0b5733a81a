import { createHash, timingSafeEqual } from 'node:crypto'
import type { NodeConfig } from '#domain/config.ts'

/**
 * Checks a user and its token against the SHA-256 in the configuration. An unknown user costs as much time as
 * a wrong token, so that names cannot be found by the clock.
 */
export function createLoginCheck(users: NodeConfig['users']): (user: string, token: Uint8Array) => boolean {
  const digests = new Map(users.map(({ id, tokenSha256 }) => [id, Buffer.from(tokenSha256, 'hex')]))
  const nobody = Buffer.alloc(32)
  return (user, token) => {
    const digest = digests.get(user)
    const isSame = timingSafeEqual(createHash('sha256').update(token).digest(), digest ?? nobody)
    return isSame && digest !== undefined
  }
}
