// Holds the power cut itself against programs whose losses are known: what is not synced goes, what is synced
// stays, SQLite keeps its word with synchronous=FULL and loses acknowledged rows with OFF.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PowerCut, type PowerCutOptions, watchFolder } from './power-cut.ts'
import { compilePreload } from './preload.ts'
import { randomFrom } from './random.ts'

const preload = compilePreload('power-cut')
const why = 'why' in preload ? ` (skipped: ${preload.why})` : ''

let dir: string
let folder: string
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'flockwise-power-')))
  folder = join(dir, 'data')
})
afterEach(() => rmSync(dir, { recursive: true }))

const watch = (more: Partial<PowerCutOptions> = {}) =>
  watchFolder({ folder, journal: join(dir, 'journal'), ...more }) as PowerCut

/** Runs it until it says that it is done, and kills it there. Returns the lines it said. */
async function runAndKill(power: PowerCut, program: string): Promise<string[]> {
  power.restarted()
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const fs = require('node:fs'); const dir = ${JSON.stringify(folder)}; ${program}
      console.log('done'); setInterval(() => {}, 1000)`,
    ],
    { env: { ...process.env, ...power.env }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const gone = once(child, 'exit')
  let said = ''
  for await (const chunk of child.stdout) {
    said += chunk
    if (said.includes('done')) break
  }
  child.kill('SIGKILL')
  await gone
  return said.split('\n').filter((line) => line !== '' && line !== 'done')
}

const database = (synchronous: string) => `
  const { DatabaseSync } = require('node:sqlite')
  const db = new DatabaseSync(dir + '/a.db')
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 50')
  db.exec('CREATE TABLE IF NOT EXISTS row (n INTEGER PRIMARY KEY, text TEXT)')
  for (let i = 0; i < 400; i++) {
    const { lastInsertRowid } = db.prepare('INSERT INTO row (text) VALUES (?)').run('x'.repeat(300))
    console.log(lastInsertRowid)
  }`

/** Read from a copy, as whoever opens a database changes it. */
const rowsLeft = () => {
  const copy = join(dir, 'copy')
  rmSync(copy, { recursive: true, force: true })
  cpSync(folder, copy, { recursive: true })
  const db = new DatabaseSync(join(copy, 'a.db'))
  try {
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'row'").get() !== undefined
    return new Set(
      isThere
        ? db
            .prepare('SELECT n FROM row')
            .all()
            .map(({ n }) => Number(n))
        : [],
    )
  } finally {
    db.close()
  }
}

describe.skipIf(why !== '')(`a power cut${why}`, () => {
  it('takes what was not synced, and leaves what was', async () => {
    const power = watch()
    await runAndKill(
      power,
      `fs.writeFileSync(dir + '/loose', 'x'.repeat(5000))
       const file = fs.openSync(dir + '/synced', 'w')
       fs.writeSync(file, 'kept'); fs.fsyncSync(file); fs.writeSync(file, 'x'.repeat(5000))`,
    )
    expect(readFileSync(join(folder, 'loose')).length).toBe(5000)
    expect(power.missed()).toEqual([])
    power.cut(() => 0)
    // Its name came with that of the file made after it and synced, as on ext4; nothing of its content did.
    expect(readFileSync(join(folder, 'loose'), 'utf8')).toBe('')
    expect(readFileSync(join(folder, 'synced'), 'utf8')).toBe('kept')
  })

  it('takes a new name until its folder is synced, and the old content stays under it', async () => {
    const power = watch()
    const replace = (text: string, isFolderSynced: boolean) => `
      const file = fs.openSync(dir + '/new', 'w'); fs.writeSync(file, '${text}'); fs.fsyncSync(file)
      fs.renameSync(dir + '/new', dir + '/identity')
      if (${isFolderSynced}) fs.fsyncSync(fs.openSync(dir, 'r'))`
    await runAndKill(power, replace('first', true))
    await runAndKill(power, replace('second', false))
    expect(power.missed()).toEqual([])
    power.cut(() => 0)
    expect(readFileSync(join(folder, 'identity'), 'utf8')).toBe('first')
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('second')
  })

  it('takes nothing that SQLite acknowledged with synchronous=FULL, however often', {
    timeout: 60_000,
  }, async () => {
    const power = watch()
    const random = randomFrom(7)
    const acknowledged = new Set<number>()
    for (let cut = 0; cut < 6; cut++) {
      for (const line of await runAndKill(power, database('FULL'))) acknowledged.add(Number(line))
      expect(power.missed()).toEqual([])
      power.cut(random)
      const left = rowsLeft()
      expect([...acknowledged].filter((n) => !left.has(n))).toEqual([])
    }
    expect(acknowledged.size).toBe(2400)
  })

  it.each([
    ['with synchronous=OFF', 'OFF', false],
    ['on a disk that only says it has synced', 'FULL', true],
  ])('takes rows that SQLite acknowledged %s', { timeout: 60_000 }, async (_, synchronous, isLying) => {
    const power = watch({ isLying })
    const acknowledged = await runAndKill(power, database(synchronous))
    expect(power.missed()).toEqual([])
    power.cut(() => 0)
    expect(acknowledged.length).toBe(400)
    expect(rowsLeft().size).toBeLessThan(400)
  })
})
