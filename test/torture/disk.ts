import { dirname } from 'node:path'
import { type Change, readJournal } from './journal.ts'
import type { Random } from './random.ts'
import { applyChange, type Content, contentOf, type FileChange, tornFile, withChanges } from './torn-file.ts'

/** A disk as its journal tells it: what is durable, and what was only said to it. */
export type Disk = {
  /** Takes in what happened, in order. */
  absorb(journal: Buffer): void
  /** The power goes. Returns what is left, which is durable then. */
  cut(random: Random): Map<string, Buffer>
  /** What a program reads: all that happened. */
  files(): Map<string, Buffer>
}

type File = { synced: Content; since: FileChange[] }
type Names = Map<string, File>
/** A change of names that is not durable yet. `from` and `to` are the same file. */
type NameChange = { from?: string; to?: string; file: File }

/**
 * Names follow ext4 with its journal, only stricter: they become durable in order; a sync of a folder makes those in
 * it durable, a sync of a new file its own making and all before it. A folder is there as soon as it is made.
 */
export function createDisk(existing: ReadonlyMap<string, Buffer> = new Map()): Disk {
  let names: Names = new Map(
    [...existing].map(([path, bytes]) => [path, { synced: contentOf(bytes), since: [] }]),
  )
  const durable: Names = new Map(names)
  let pending: NameChange[] = []
  /** fd → file, or the path of a folder. Survives what is absorbed, as does the process. */
  const opened = new Map<number, File | string>()

  const change = (next: NameChange) => {
    applyTo(names, next)
    pending.push(next)
  }
  const settle = (isDue: (change: NameChange, index: number) => boolean) => {
    for (const next of pending.filter(isDue)) applyTo(durable, next)
    pending = pending.filter((next, index) => !isDue(next, index))
  }
  const fileAt = (path: string): File => {
    const file = names.get(path)
    if (!file) throw new Error(`${path} was changed and never made: the journal missed a call`)
    return file
  }
  const fileOf = (fd: number): File => {
    const file = opened.get(fd)
    if (!file || typeof file === 'string') throw new Error(`fd ${fd} was written and never opened`)
    return file
  }
  const open = ({ fd, path, isMade, isEmptied, isFolder }: Extract<Change, { kind: 'opened' }>) => {
    if (isFolder) {
      opened.set(fd, path)
      return
    }
    if (isMade) change({ to: path, file: { synced: contentOf(Buffer.alloc(0)), since: [] } })
    const file = fileAt(path)
    if (isEmptied && !isMade) file.since.push({ size: 0 })
    opened.set(fd, file)
  }
  const rename = (from: string, to: string) => {
    const below = [...names.keys()].filter((path) => path === from || path.startsWith(`${from}/`))
    for (const path of below) change({ from: path, to: to + path.slice(from.length), file: fileAt(path) })
  }
  const sync = (fd: number) => {
    const file = opened.get(fd)
    if (typeof file === 'string') {
      settle(({ from, to }) => [from, to].some((path) => path !== undefined && dirname(path) === file))
    } else if (file) {
      for (const next of file.since) applyChange(file.synced, next)
      file.since = []
      const made = pending.findLastIndex((next) => next.file === file && next.from === undefined)
      settle((_, index) => index <= made)
    }
  }
  const take = (next: Change) => {
    switch (next.kind) {
      case 'opened':
        return open(next)
      case 'written':
        // The journal's buffer is not kept for the sake of a few bytes.
        return void fileOf(next.fd).since.push({ at: next.at, bytes: Buffer.from(next.bytes) })
      case 'sized':
        return void (next.path ? fileAt(next.path) : fileOf(next.fd)).since.push({ size: next.size })
      case 'synced':
        return sync(next.fd)
      case 'renamed':
        return rename(next.from, next.to)
      case 'linked':
        return change({ to: next.to, file: fileAt(next.from) })
      case 'removed':
        return void (names.has(next.path) && change({ from: next.path, file: fileAt(next.path) }))
      case 'folder':
        return
    }
  }

  return {
    absorb(journal) {
      for (const next of readJournal(journal)) take(next)
    },
    cut(random) {
      const share = [0, 0.5, 0.95][Math.floor(random() * 3)] ?? 0
      const first = Math.floor(random() * (pending.length + 1))
      settle((_, index) => index < first)
      for (const file of new Set(durable.values())) {
        file.synced = contentOf(tornFile(bytesOf(file.synced), file.since, share, random))
        file.since = []
      }
      pending = []
      opened.clear()
      names = new Map(durable)
      return new Map([...durable].map(([path, { synced }]) => [path, bytesOf(synced)]))
    },
    files: () =>
      new Map([...names].map(([path, { synced, since }]) => [path, withChanges(bytesOf(synced), since)])),
  }
}

const bytesOf = ({ room, length }: Content) => room.subarray(0, length)

function applyTo(names: Names, { from, to, file }: NameChange): void {
  if (from !== undefined) names.delete(from)
  if (to !== undefined) names.set(to, file)
}
