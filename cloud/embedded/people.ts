import { randomUUID } from 'node:crypto'
import type { Database } from '#sqlite-file/database.ts'
import type { People } from '../registry/port.ts'

type PersonRow = { id: string; login: string; name: string; password_hash: string }
type SessionRow = PersonRow & { expires_at: number }

export function openPeople(database: Database): People {
  const count = database.prepare('SELECT count(*) AS n FROM person')
  const insert = database.prepare(
    'INSERT INTO person (id, login, name, password_hash, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (login) DO NOTHING',
  )
  const byLogin = database.prepare('SELECT id, login, name, password_hash FROM person WHERE login = ?')
  const insertSession = database.prepare(
    'INSERT INTO session (hash, person, created_at, expires_at) VALUES (?, ?, ?, ?)',
  )
  const bySession = database.prepare(`
    SELECT person.id, login, name, password_hash, expires_at FROM session JOIN person ON person.id = session.person
    WHERE hash = ? AND expires_at > ?`)
  const extend = database.prepare('UPDATE session SET expires_at = ? WHERE hash = ?')
  const end = database.prepare('DELETE FROM session WHERE hash = ?')
  const sweep = database.prepare('DELETE FROM session WHERE expires_at <= ?')
  const countNow = () => Number(count.get()?.n)

  return {
    count: async () => countNow(),

    add: async ({ login, name, passwordHash }, { first, now }) =>
      database.transaction(() => {
        if (first && countNow() > 0) return undefined
        const person = { id: randomUUID(), login, name }
        return insert.run(person.id, login, name, passwordHash, now).changes === 0 ? undefined : person
      }),

    byLogin: async (login) => {
      const row = byLogin.get(login) as PersonRow | undefined
      return row && { id: row.id, login: row.login, name: row.name, passwordHash: row.password_hash }
    },

    startSession: async ({ hash, person, now, expiresAt }) => {
      insertSession.run(hash, person, now, expiresAt)
    },

    bySession: async (hash, now) => {
      const row = bySession.get(hash, now) as SessionRow | undefined
      return row && { person: { id: row.id, login: row.login, name: row.name }, expiresAt: row.expires_at }
    },

    extendSession: async (hash, expiresAt) => {
      extend.run(expiresAt, hash)
    },
    endSession: async (hash) => {
      end.run(hash)
    },
    sweepSessions: async (now) => {
      sweep.run(now)
    },
  }
}
