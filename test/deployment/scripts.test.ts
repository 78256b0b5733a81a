import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { openDatabase } from '#sqlite-file/database.ts'
import { createLoginCheck } from '../../edge/broker/logins.ts'
import { inProject } from './project.ts'

// Shells and a second Node are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flockwise-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = (script: string, ...args: string[]) => spawnSync(inProject(script), args, { encoding: 'utf8' })

describe('make-secrets.sh', () => {
  it('makes each secret anew, for nobody but the owner of the folder', () => {
    const secrets = join(folder, 'secrets')
    expect(run('deploy/make-secrets.sh', secrets).status).toBe(0)
    const names = readdirSync(secrets).filter((name) => name !== '.gitignore')
    const contents = names.map((name) => readFileSync(join(secrets, name), 'utf8'))
    expect(names.length).toBeGreaterThan(5)
    for (const content of contents) expect(content).toMatch(/^[0-9a-f]{48}$/)
    expect(new Set(contents).size).toBe(names.length)
    expect(statSync(secrets).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(secrets, '.gitignore'), 'utf8')).toBe('*\n')
  })

  it('never touches a file that is there', () => {
    writeFileSync(join(folder, 'postgres_password'), 'mine')
    expect(run('deploy/make-secrets.sh', folder).status).toBe(0)
    const before = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(run('deploy/make-secrets.sh', folder).status).toBe(0)
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(before)
    expect(readFileSync(join(folder, 'postgres_password'), 'utf8')).toBe('mine')
  })
})

describe('make-token.sh', () => {
  it('makes a token, and the line with which the edge lets it in', () => {
    const { status, stdout } = run('deploy/make-token.sh', 'bridge', folder)
    expect(status).toBe(0)
    const token = readFileSync(join(folder, 'bridge.token'))
    const [user] = parse(stdout.split('\n').find((line) => line.includes('tokenSha256')) ?? '') as [
      { id: string; tokenSha256: string; bridge?: boolean },
    ]
    expect(user).toEqual({
      id: 'bridge',
      bridge: true,
      tokenSha256: createHash('sha256').update(token).digest('hex'),
    })
    expect(createLoginCheck([user])('bridge', token)).toBe(true)
    expect(run('deploy/make-token.sh', 'bridge', folder).stdout).toBe(stdout)
    expect(run('deploy/make-token.sh', 'esp-1', folder).stdout).not.toContain('bridge: true')
  })

  it.each(['', 'Bad Name', '../etc'])('refuses the user %j', (user) => {
    expect(run('deploy/make-token.sh', user, folder).status).not.toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('back-up.sh', () => {
  it('copies a database that is in use, with what stands in its log only', () => {
    const file = join(folder, 'in-use.sqlite')
    const database = openDatabase(file, ['CREATE TABLE bird (ring TEXT) STRICT;'])
    database.exec("INSERT INTO bird VALUES ('a'), ('b')")
    const target = join(folder, 'copy.sqlite')
    expect(run('deploy/back-up.sh', file, target)).toMatchObject({ status: 0, stderr: '' })
    database.exec("INSERT INTO bird VALUES ('c')")
    database.close()
    const copy = openDatabase(target, ['CREATE TABLE bird (ring TEXT) STRICT;'])
    expect(copy.prepare('SELECT count(*) AS n FROM bird').get()).toEqual({ n: 2 })
    copy.close()
  })

  it('says what is wrong, and overwrites nothing', () => {
    const file = join(folder, 'some.sqlite')
    writeFileSync(
      file,
      'this is no database, but long enough to be looked at as one, with a header of its own',
    )
    expect(run('deploy/back-up.sh', join(folder, 'none.sqlite'), join(folder, 'new'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no database'),
    })
    expect(run('deploy/back-up.sh', file, file).stderr).toContain('is there already')
    expect(run('deploy/back-up.sh', file, join(folder, 'new')).status).not.toBe(0)
    expect(readdirSync(folder)).not.toContain('new')
  })
})
