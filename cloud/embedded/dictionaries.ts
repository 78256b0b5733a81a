import type { Database } from '#sqlite-file/database.ts'
import { DICTIONARIES_PER_EDGE, type DictionaryStore } from '../batches/port.ts'
import type { Commit } from './group-commit.ts'

export function openDictionaries(database: Database, commit: Commit): DictionaryStore {
  const find = database.prepare('SELECT json FROM dictionary WHERE edge = ? AND hash = ?')
  const drop = database.prepare('DELETE FROM dictionary WHERE edge = ? AND hash = ?')
  const insert = database.prepare('INSERT INTO dictionary (edge, hash, json) VALUES (?, ?, ?)')
  const forget = database.prepare(`
    DELETE FROM dictionary WHERE edge = :edge AND number <=
      (SELECT number FROM dictionary WHERE edge = :edge ORDER BY number DESC LIMIT 1 OFFSET :kept)`)

  return {
    find: async (edge, hash) => find.get(edge.id, hash)?.json as Uint8Array | undefined,
    keep: (edge, hash, json) =>
      commit(() => {
        drop.run(edge.id, hash)
        insert.run(edge.id, hash, json)
        forget.run({ edge: edge.id, kept: DICTIONARIES_PER_EDGE })
      }),
  }
}
