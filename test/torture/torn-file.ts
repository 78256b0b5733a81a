import type { Random } from './random.ts'

/** What was done to a file since its last sync, in order. */
export type FileChange = { at: number; bytes: Buffer } | { size: number }

const SECTOR = 512

/** A file with room to grow: of `room` the first `length` bytes are its content. */
export type Content = { room: Buffer; length: number }

export function contentOf(bytes: Buffer): Content {
  return { room: Buffer.from(bytes), length: bytes.length }
}

export function applyChange(content: Content, change: FileChange): void {
  const end = 'size' in change ? change.size : change.at + change.bytes.length
  if (end > content.room.length) {
    const larger = Buffer.alloc(Math.max(end, 2 * content.room.length))
    content.room.copy(larger, 0, 0, content.length)
    content.room = larger
  }
  if ('size' in change) {
    content.room.fill(0, Math.min(content.length, end), Math.max(content.length, end))
    content.length = end
  } else {
    change.bytes.copy(content.room, change.at)
    content.length = Math.max(content.length, end)
  }
}

/** The file with the changes made to it; what was given stays as it is. */
export function withChanges(bytes: Buffer, changes: readonly FileChange[]): Buffer {
  if (changes.length === 0) return bytes
  const content = contentOf(bytes)
  for (const change of changes) applyChange(content, change)
  return content.room.subarray(0, content.length)
}

/**
 * What a power cut may leave of a file that had `content` when it was last synced. Each 512-byte sector written since
 * reached the disk or not by itself, in any order: it holds what was synced, or what it held after any of the writes
 * to it. Of the changes of length the first so many reached it, as file systems keep them in order; what was written
 * beyond an end that was never cut is not there. `share`: how likely a sector is to hold the last that was written.
 */
export function tornFile(
  content: Buffer,
  changes: readonly FileChange[],
  share: number,
  random: Random,
): Buffer {
  if (changes.length === 0) return content
  const cuts = changes.filter((change) => 'size' in change).length
  const lastCut = Math.floor(random() * (cuts + 1))
  const { versions, synced } = possibleVersions(content, changes, lastCut)

  const chosen = new Map<number, number>()
  for (const [sector, after] of versions) {
    const which = random() < share ? after.length : Math.floor(random() * (after.length + 1))
    const version = after[which - 1]
    if (version !== undefined) chosen.set(sector, version)
  }

  const kept: FileChange[] = []
  const now = contentOf(content)
  for (const [index, change] of changes.entries()) {
    applyChange(now, change)
    if ('size' in change) continue
    for (const sector of sectorsOf(change)) {
      if (chosen.get(sector) !== index) continue
      const start = sector * SECTOR
      const bytes = Buffer.from(now.room.subarray(start, Math.min(start + SECTOR, now.length)))
      kept.push({ at: start, bytes })
    }
  }
  return withChanges(synced, kept)
}

/** Per sector the indexes of the writes after which it may have been caught, and what lies beneath. */
function possibleVersions(content: Buffer, changes: readonly FileChange[], lastCut: number) {
  const versions = new Map<number, number[]>()
  const done: FileChange[] = []
  let cuts = 0
  /** Beyond it nothing of later writes is part of the file. */
  let end = Number.POSITIVE_INFINITY
  for (const [index, change] of changes.entries()) {
    if ('size' in change) {
      cuts++
      if (cuts > lastCut) {
        end = Math.min(end, change.size)
        continue
      }
      done.push(change)
      for (const sector of versions.keys()) if (sector * SECTOR >= change.size) versions.delete(sector)
      continue
    }
    for (const sector of sectorsOf(change)) {
      if (sector * SECTOR >= end) continue
      const known = versions.get(sector)
      if (known) known.push(index)
      else versions.set(sector, [index])
    }
  }
  return { versions, synced: withChanges(content, done) }
}

function* sectorsOf({ at, bytes }: { at: number; bytes: Buffer }): Generator<number> {
  for (let sector = Math.floor(at / SECTOR); sector * SECTOR < at + bytes.length; sector++) yield sector
}
