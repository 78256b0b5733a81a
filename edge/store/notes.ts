import type { Database } from '#sqlite-file/database.ts'

/** Small notes that survive a restart. */
export type Notes = {
  note(key: string): string | undefined
  setNote(key: string, value: string): void
  dropNote(key: string): void
}

export function openNotes(database: Database): Notes {
  const get = database.prepare('SELECT value FROM meta WHERE key = ?')
  const put = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const drop = database.prepare('DELETE FROM meta WHERE key = ?')
  return {
    note(key) {
      const value = get.get(key)?.['value']
      return typeof value === 'string' ? value : undefined
    },
    setNote(key, value) {
      put.run(key, value)
    },
    dropNote(key) {
      drop.run(key)
    },
  }
}
