import { statfsSync } from 'node:fs'
import { appendFile, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '#domain/time.ts'

/**
 * Files of devices on the disk, `<root>/<house>/<device>/<day>/<UTC ms>.<ending>`, bounded by bytes, by age and by
 * number: the oldest of all devices go first. What is written waits in a short line; when the disk is slower than the
 * devices, the newest is dropped and counted, and nobody waits for it.
 */
export type DiskRing = {
  /** Appends to the file of this time, or begins it. */
  add(house: string, device: string, t: number, bytes: Uint8Array): void
  status(): RingStatus
  /** Resolves when what was taken lies on the disk. */
  flush(): Promise<void>
}

export type RingStatus = { files: number; bytes: number; limitBytes: number; oldestT: number | undefined }

export type DiskRingOptions = {
  root: string
  ending: string
  /** More of the same time is appended to its file; else it is the same once more, and passed over. */
  appends: boolean
  clock: Clock
  /** Undefined is a tenth of the disk. */
  maxBytes: number | undefined
  maxAgeMs: number
  onKept(): void
  onRemoved(files: number): void
  /** Something was not kept, or not found: why. */
  onTrouble(why: string): void
}

const SHARE_OF_DISK = 0.1
/** Readings come first, for a month without a line too: the ring leaves a tenth of the disk free, at most 1 GB. */
const MOST_LEFT_FREE_BYTES = 1_000_000_000
/** Each has an entry in memory of about 100 bytes. */
const MAX_FILES = 100_000
/** What waits for the disk, in memory. */
const MAX_WAITING_BYTES = 8_000_000
const ROOM_EVERY_MS = 10_000

type Entry = { folder: string; t: number; bytes: number }

export function openDiskRing(options: DiskRingOptions): DiskRing {
  const { root, ending, clock, onTrouble } = options
  /** Oldest first. */
  const entries: Entry[] = []
  /** Each day's folder once, however many files lie in it. */
  const folders = new Map<string, string>()
  const sameFolder = (folder: string): string => {
    if (!folders.has(folder)) folders.set(folder, folder)
    return folders.get(folder) ?? folder
  }
  let bytes = 0
  let waitingBytes = 0
  let room = { bytes: 0, askedAt: Number.NEGATIVE_INFINITY }

  const pathOf = ({ folder, t }: Entry): string => join(folder, `${t}.${ending}`)

  /** Behind all that are as old or older: nearly always at the end. */
  function placeFor(t: number): number {
    let at = entries.length
    while (at > 0 && (entries[at - 1] as Entry).t > t) at--
    return at
  }

  function find(folder: string, t: number): Entry | undefined {
    for (let at = placeFor(t) - 1; entries[at]?.t === t; at--)
      if (entries[at]?.folder === folder) return entries[at]
    return undefined
  }

  /** How many bytes the ring may have now. */
  function limit(): number {
    const now = clock.monotonic()
    if (now - room.askedAt >= ROOM_EVERY_MS) {
      const { blocks, bavail, bsize } = statfsSync(root)
      const wanted = options.maxBytes ?? blocks * bsize * SHARE_OF_DISK
      const leftFree = Math.min(MOST_LEFT_FREE_BYTES, blocks * bsize * SHARE_OF_DISK)
      room = { askedAt: now, bytes: Math.min(wanted, Math.max(0, bytes + bavail * bsize - leftFree)) }
    }
    return room.bytes
  }

  /** Makes room for so many more bytes. */
  async function clear(more: number): Promise<void> {
    const oldestT = clock.now() - options.maxAgeMs
    const most = limit()
    let removed = 0
    while (entries.length > 0) {
      const first = entries[0] as Entry
      const isOver = bytes + more > most || entries.length >= MAX_FILES || first.t < oldestT
      if (!isOver) break
      entries.shift()
      bytes -= first.bytes
      removed++
      await rm(pathOf(first), { force: true })
      if (entries[0]?.folder === first.folder) continue
      folders.delete(first.folder)
      await removeEmpty(first.folder, root)
    }
    if (removed > 0) options.onRemoved(removed)
  }

  async function write(folder: string, t: number, content: Uint8Array): Promise<void> {
    if (!options.appends && find(folder, t)) return
    await clear(content.length)
    if (content.length > limit()) return onTrouble('no room is left on the disk')
    let entry = find(folder, t)
    if (!entry) {
      await mkdir(folder, { recursive: true })
      entry = { folder: sameFolder(folder), t, bytes: 0 }
      entries.splice(placeFor(t), 0, entry)
    }
    await appendFile(pathOf(entry), content)
    entry.bytes += content.length
    bytes += content.length
    options.onKept()
  }

  /** What an earlier life has left. */
  async function findEarlier(): Promise<void> {
    await mkdir(root, { recursive: true })
    const named = new RegExp(`(?:^|/)(\\d+)\\.${ending}$`)
    for (const name of await readdir(root, { recursive: true })) {
      const t = named.exec(name)?.[1]
      if (t === undefined) continue
      const path = join(root, name)
      const { size } = await stat(path)
      entries.push({ folder: sameFolder(dirname(path)), t: Number(t), bytes: size })
      bytes += size
    }
    entries.sort((a, b) => a.t - b.t)
  }

  const say = (error: unknown) => onTrouble(error instanceof Error ? error.message : String(error))
  let last: Promise<void> = findEarlier().catch(say)

  return {
    add(house, device, t, content) {
      if (waitingBytes > MAX_WAITING_BYTES) return onTrouble('the disk is too slow')
      waitingBytes += content.length
      const folder = join(root, house, device, new Date(t).toISOString().slice(0, 10))
      last = last
        .then(() => write(folder, t, content))
        .catch(say)
        .finally(() => {
          waitingBytes -= content.length
        })
    },
    status: () => ({ files: entries.length, bytes, limitBytes: room.bytes, oldestT: entries[0]?.t }),
    flush: () => last,
  }
}

/** A day's folder that has become empty, and its device's and house's. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let at = folder; at !== root && at.startsWith(root); at = dirname(at)) {
    try {
      await rmdir(at)
    } catch {
      return
    }
  }
}
