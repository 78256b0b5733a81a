import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from './database.ts'

const table = 'CREATE TABLE thing (name TEXT) STRICT'

let dir: string
let database: Database
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-'))
  database = openDatabase(join(dir, 'a.db'), [table])
})
afterEach(() => {
  database.close()
  rmSync(dir, { recursive: true })
})

it('syncs its log at every commit', () => {
  expect(database.prepare('PRAGMA journal_mode').get()?.['journal_mode']).toBe('wal')
  // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect(database.prepare('PRAGMA synchronous').get()?.['synchronous']).toBe(2)
})

it('keeps nothing of a transaction that failed, and tells those who remembered it', () => {
  let forgotten = 0
  database.onRollback(() => forgotten++)
  expect(() =>
    database.transaction(() => {
      database.exec("INSERT INTO thing VALUES ('hen')")
      throw new Error('cut')
    }),
  ).toThrow('cut')
  expect(database.prepare('SELECT * FROM thing').all()).toEqual([])
  expect(forgotten).toBe(1)
})

it('runs each migration once, and refuses one from a newer program', () => {
  database.close()
  database = openDatabase(join(dir, 'a.db'), [table, 'CREATE TABLE more (a TEXT) STRICT'])
  database.close()
  expect(() => openDatabase(join(dir, 'a.db'), [table])).toThrow(/newer version/)
  database = openDatabase(join(dir, 'b.db'), [])
})
