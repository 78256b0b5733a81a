import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase } from '#sqlite-file/database.ts'
import { ledgerKeptMigration, ledgerMigration, openLedger } from './ledger.ts'

it('keeps what was said to an earlier version, and counts it anew', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'flockwise-ledger-'))
  const path = join(dir, 'cloud.sqlite')
  const before = [`CREATE TABLE edge (id TEXT PRIMARY KEY, farm TEXT NOT NULL) STRICT;${ledgerMigration}`]
  const old = openDatabase(path, before)
  old.exec(`
    INSERT INTO edge VALUES ('edge-a', 'north');
    INSERT INTO ledger_edge VALUES ('edge-a', '{}');
    INSERT INTO ledger_day VALUES ('edge-a', '2026-06-01', 7, 0, 5);
    INSERT INTO ledger_stream VALUES
      ('edge-a', '2026-06-01', 'h1', 'air-1', 'air.co2', 'sensor', '', 10, 0, 0, 0, 0, 10, 10, 1, 9);
  `)
  old.close()
  const database = openDatabase(path, [...before, ledgerKeptMigration])
  const ledger = openLedger(database)
  expect(await ledger.edges('north')).toEqual(['edge-a'])
  expect(await ledger.read('edge-a', '2026-06-01', '2026-06-01')).toMatchObject({
    days: [{ longestOfflineMs: 7, toldAt: 5 }],
    streams: [{ measured: 10, inCloud: 10, gaps: 1, countedAt: 0 }],
  })
  expect(await ledger.uncounted(9)).toMatchObject([{ edge: 'edge-a', farm: 'north', toldAt: 5 }])
  database.close()
  rmSync(dir, { recursive: true, force: true })
})
