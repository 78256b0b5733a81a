import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DAY, HOUR } from '#domain/time.ts'
import { type DiskRingOptions, openDiskRing } from './disk-ring.ts'

const T = Date.UTC(2026, 5, 1, 12)
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ring-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function open(own: Partial<DiskRingOptions> = {}) {
  const time = { now: T }
  const seen = { kept: 0, removed: 0, trouble: [] as string[] }
  const ring = openDiskRing({
    root: join(root, 'ring'),
    ending: 'jpg',
    appends: false,
    clock: { now: () => time.now, monotonic: () => time.now },
    maxBytes: 1000,
    maxAgeMs: Number.POSITIVE_INFINITY,
    onKept: () => seen.kept++,
    onRemoved: (files) => {
      seen.removed += files
    },
    onTrouble: (why) => seen.trouble.push(why),
    ...own,
  })
  return { ring, time, seen }
}

/** Every file below the ring, by its path and size. */
const files = () =>
  readdirSync(join(root, 'ring'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, 'ring', name)).isFile())
    .sort()
    .map((name) => [name, statSync(join(root, 'ring', name)).size])

it('keeps files by house, device and day', async () => {
  const { ring, seen } = open()
  ring.add('h1', 'cam-1', T, Buffer.alloc(100, 1))
  ring.add('h1', 'cam-1', T + DAY, Buffer.alloc(50, 2))
  await ring.flush()
  expect(files()).toEqual([
    [`h1/cam-1/2026-06-01/${T}.jpg`, 100],
    [`h1/cam-1/2026-06-02/${T + DAY}.jpg`, 50],
  ])
  expect(seen).toEqual({ kept: 2, removed: 0, trouble: [] })
  expect(ring.status()).toEqual({ files: 2, bytes: 150, limitBytes: 1000, oldestT: T })
})

it('has never more bytes than it may: the oldest of all devices go first, empty folders with them', async () => {
  const { ring, seen } = open()
  ring.add('h1', 'old', T - DAY, Buffer.alloc(300))
  // Comes later, but is older.
  for (const hour of [3, 1, 2, 4]) ring.add('h1', 'cam', T + hour * HOUR, Buffer.alloc(300))
  await ring.flush()
  expect(files().map(([name]) => name)).toEqual(
    [2, 3, 4].map((hour) => `h1/cam/2026-06-01/${T + hour * HOUR}.jpg`),
  )
  expect(existsSync(join(root, 'ring/h1/old'))).toBe(false)
  expect(seen.removed).toBe(2)
  expect(ring.status()).toMatchObject({ files: 3, bytes: 900 })
})

it('lets go of what is too old', async () => {
  const { ring, time } = open({ maxAgeMs: 3 * DAY })
  ring.add('h1', 'mic', T, Buffer.alloc(10))
  await ring.flush()
  time.now = T + 3 * DAY + 1
  ring.add('h1', 'mic', time.now, Buffer.alloc(10))
  await ring.flush()
  expect(files().map(([name]) => name)).toEqual([`h1/mic/2026-06-04/${time.now}.jpg`])
})

it('appends to the file of its time where that is wanted, and else passes over what is there', async () => {
  for (const appends of [true, false]) {
    const { ring } = open({ appends, ending: appends ? 'fws' : 'jpg' })
    for (const text of ['ab', 'cd']) ring.add('h1', 'd', T, Buffer.from(text))
    await ring.flush()
    const ending = appends ? 'fws' : 'jpg'
    expect(readFileSync(join(root, `ring/h1/d/2026-06-01/${T}.${ending}`), 'utf8')).toBe(
      appends ? 'abcd' : 'ab',
    )
    expect(ring.status()).toMatchObject({ files: 1, bytes: appends ? 4 : 2 })
  }
})

it('finds what an earlier life has left, and leaves alone what is not its own', async () => {
  const first = open()
  for (const hour of [2, 1]) first.ring.add('h1', 'cam', T + hour * HOUR, Buffer.alloc(400))
  await first.ring.flush()
  writeFileSync(join(root, 'ring/h1/cam/notes.txt'), 'mine')
  const { ring } = open()
  await ring.flush()
  expect(ring.status()).toMatchObject({ files: 2, bytes: 800, oldestT: T + HOUR })
  ring.add('h1', 'cam', T + 3 * HOUR, Buffer.alloc(400))
  await ring.flush()
  expect(files().map(([name]) => name)).toEqual([
    `h1/cam/2026-06-01/${T + 2 * HOUR}.jpg`,
    `h1/cam/2026-06-01/${T + 3 * HOUR}.jpg`,
    'h1/cam/notes.txt',
  ])
})

it('takes a tenth of the disk where nothing is said', async () => {
  const { ring } = open({ maxBytes: undefined })
  ring.add('h1', 'cam', T, Buffer.alloc(10))
  await ring.flush()
  expect(ring.status().limitBytes).toBeGreaterThan(10_000_000)
})

it('keeps nobody waiting: more than fits in line is dropped, and it is said', async () => {
  const { ring, seen } = open({ maxBytes: 100_000_000 })
  for (let second = 0; second < 20; second++) ring.add('h1', 'cam', T + second * 1000, Buffer.alloc(900_000))
  expect(seen.trouble).toContain('the disk is too slow')
  await ring.flush()
  expect(seen.kept + seen.trouble.length).toBe(20)
})

it.each([
  ['no room', { maxBytes: 5 }, 'no room is left'],
  ['no folder', { root: '/dev/null/ring' }, 'ENO'],
])('says why it kept nothing: %s', async (_, own, why) => {
  const { ring, seen } = open(own)
  ring.add('h1', 'cam', T, Buffer.alloc(10))
  await ring.flush()
  expect(seen.kept).toBe(0)
  expect(seen.trouble.at(-1)).toContain(why)
})
