import { randomBytes } from 'node:crypto'
import { type Clock, DAY } from '#domain/time.ts'
import type { People, Person } from '../registry/port.ts'
import { hashSecret } from './secret-code.ts'

/** A log-in lasts this long after it was last used. */
export const SESSION_MS = 30 * DAY
/** It is put off once a day at most: every time would be a write for every look at the page. */
const PUT_OFF_AFTER_MS = DAY

export type Sessions = {
  /** Returns the token for the cookie; only its hash is kept. */
  start(person: string): Promise<string>
  find(token: string): Promise<{ person: Person; session: string; wasPutOff: boolean } | undefined>
  end(session: string): Promise<void>
}

export function createSessions(people: People, clock: Clock): Sessions {
  return {
    async start(person) {
      const token = randomBytes(32).toString('base64url')
      const now = clock.now()
      await people.sweepSessions(now)
      await people.startSession({ hash: hashSecret(token), person, now, expiresAt: now + SESSION_MS })
      return token
    },
    async find(token) {
      const session = hashSecret(token)
      const now = clock.now()
      const found = await people.bySession(session, now)
      if (!found) return undefined
      const wasPutOff = found.expiresAt < now + SESSION_MS - PUT_OFF_AFTER_MS
      if (wasPutOff) await people.extendSession(session, now + SESSION_MS)
      return { person: found.person, session, wasPutOff }
    },
    end: (session) => people.endSession(session),
  }
}
