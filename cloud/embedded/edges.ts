import type { Database } from '#sqlite-file/database.ts'
import type { Edge, Edges } from '../registry/port.ts'

type EdgeRow = { id: string; farm: string; public_key: string; enrolled_at: number; seen_at: number }
type CodeRow = { farm: string; used_by: string | null }

export function openEdges(database: Database): Edges {
  const columns = 'id, farm, public_key, enrolled_at, seen_at'
  const ofFarm = database.prepare(`SELECT ${columns} FROM edge WHERE farm = ? ORDER BY enrolled_at, id`)
  const all = database.prepare(`SELECT ${columns} FROM edge`)
  const byId = database.prepare(`SELECT ${columns} FROM edge WHERE id = ?`)
  const byKey = database.prepare(`SELECT ${columns} FROM edge WHERE farm = ? AND public_key = ?`)
  const insert = database.prepare(`INSERT INTO edge (${columns}) VALUES (?, ?, ?, ?, 0)`)
  const saw = database.prepare('UPDATE edge SET seen_at = ? WHERE id = ?')
  const sweepCodes = database.prepare('DELETE FROM enrolment_code WHERE expires_at <= ?')
  const addCode = database.prepare(
    'INSERT INTO enrolment_code (hash, farm, person, expires_at) VALUES (?, ?, ?, ?)',
  )
  const code = database.prepare('SELECT farm, used_by FROM enrolment_code WHERE hash = ? AND expires_at > ?')
  const useCode = database.prepare('UPDATE enrolment_code SET used_by = ? WHERE hash = ?')
  const forget = ['watermark WHERE edge', 'enrolment_code WHERE used_by', 'edge WHERE id'].map((which) =>
    database.prepare(`DELETE FROM ${which} = ?`),
  )
  const edgeIf = (row: unknown) => (row ? edgeOf(row as EdgeRow) : undefined)

  return {
    of: async (farm) => (ofFarm.all(farm) as unknown as EdgeRow[]).map(edgeOf),
    all: async () => (all.all() as unknown as EdgeRow[]).map(edgeOf),
    byId: async (id) => edgeIf(byId.get(id)),

    addCode: async ({ hash, farm, person, expiresAt, now }) =>
      database.transaction(() => {
        sweepCodes.run(now)
        addCode.run(hash, farm, person, expiresAt)
      }),

    enrol: async ({ codeHash, publicKey, id, now }) =>
      database.transaction(() => {
        const row = code.get(codeHash, now) as CodeRow | undefined
        if (!row) return undefined
        const known = edgeIf(byKey.get(row.farm, publicKey))
        if (row.used_by !== null) {
          return known?.id === row.used_by ? { edge: known, isNew: false } : undefined
        }
        if (!known) insert.run(id, row.farm, publicKey, now)
        const edge = known ?? { id, farm: row.farm, publicKey, enrolledAt: now, seenAt: 0 }
        useCode.run(edge.id, codeHash)
        return { edge, isNew: !known }
      }),

    retire: async (farm, id) =>
      database.transaction(() => {
        const isThere = edgeIf(byId.get(id))?.farm === farm
        if (isThere) for (const statement of forget) statement.run(id)
        return isThere
      }),

    saw: async (seen) =>
      database.transaction(() => {
        for (const [edge, at] of seen) saw.run(at, edge)
      }),
  }
}

function edgeOf({ id, farm, public_key, enrolled_at, seen_at }: EdgeRow): Edge {
  return { id, farm, publicKey: public_key, enrolledAt: enrolled_at, seenAt: seen_at }
}
