import type { Dirent } from 'node:fs'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LinkConfig } from '#domain/config.ts'
import type { Clock } from '#domain/time.ts'
import { isWholeJpeg } from '../framers/jpeg.ts'
import type { Ask } from './ask.ts'
import { fitJpeg } from './fit-jpeg.ts'
import type { Connect, ConnectionEvents } from './link.ts'

type FolderConfig = Extract<LinkConfig, { type: 'folder' }>

const LOOK_EVERY_MS = 1000
/** Recorders make a folder for each day and hour. */
const MAX_DEPTH = 6
/** Pictures that came and are not whole yet; of more, the oldest never will be. */
const MAX_WAITING = 20
/** Beyond this a picture is read no more: it is none of ours. */
const MAX_FILE_BYTES = 16_000_000

/**
 * A folder into which a camera or recorder puts its pictures: the newest of what came since the line was opened. The
 * folder is asked, not listened to: over a network drive nobody is told of a new file.
 */
export const connectFolder =
  ({ path, remove = false }: FolderConfig, ask: Ask, clock: Clock): Connect =>
  (events) => {
    const stop = new AbortController()
    watchFolder(createLook(path, clock), remove, ask, events, stop.signal).catch((error: unknown) =>
      events.closed(error instanceof Error ? error.message : String(error)),
    )
    return { write() {}, close: () => stop.abort() }
  }

async function watchFolder(
  look: () => Promise<string[]>,
  remove: boolean,
  ask: Ask,
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<never> {
  // What lies there already is of yesterday.
  await look()
  events.opened()
  let waiting: string[] = []
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { signal })
    waiting = [...waiting, ...(await look())].slice(-MAX_WAITING)
    const newest = await newestWhole(waiting)
    if (!newest) continue
    events.bytes(await fitJpeg(newest.bytes, ask, signal))
    const done = waiting.splice(0, newest.index + 1)
    if (remove) await Promise.all(done.map((file) => rm(file, { force: true })))
  }
}

/** The last of these files that is whole: one that is still being written is looked at again. */
async function newestWhole(
  files: readonly string[],
): Promise<{ index: number; bytes: Uint8Array } | undefined> {
  for (let index = files.length - 1; index >= 0; index--) {
    const file = files[index] as string
    const found = await stat(file).catch(() => undefined)
    if (!found || found.size > MAX_FILE_BYTES) continue
    const bytes = await readFile(file)
    if (isWholeJpeg(bytes)) return { index, bytes: new Uint8Array(bytes) }
  }
  return undefined
}

/** Gives the pictures that have come since the last look, oldest first. Only folders that changed are read. */
function createLook(root: string, clock: Clock): () => Promise<string[]> {
  let known = new Map<string, { changedAt: number; files: Set<string>; folders: string[] }>()
  return async () => {
    const next: typeof known = new Map()
    const fresh: { file: string; t: number }[] = []
    const visit = async (folder: string, depth: number): Promise<void> => {
      const { mtimeMs } = await stat(folder)
      const before = known.get(folder)
      // The clock of the file system is coarse: a folder that changed a moment ago may change again unseen.
      const isOld = before && before.changedAt === mtimeMs && clock.now() - mtimeMs > 2 * LOOK_EVERY_MS
      const entries: Dirent[] = isOld ? [] : await readdir(folder, { withFileTypes: true })
      const files = isOld ? before.files : new Set(entries.filter(isPicture).map(({ name }) => name))
      const folders = isOld
        ? before.folders
        : entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
      next.set(folder, { changedAt: mtimeMs, files, folders })
      for (const name of isOld ? [] : files) {
        if (before?.files.has(name)) continue
        const file = join(folder, name)
        const found = await stat(file).catch(() => undefined)
        if (found) fresh.push({ file, t: found.mtimeMs })
      }
      if (depth >= MAX_DEPTH) return
      // A folder may go while one looks: recorders clear away.
      for (const name of folders) await visit(join(folder, name), depth + 1).catch(() => {})
    }
    await visit(root, 0)
    known = next
    return fresh.sort((a, b) => a.t - b.t).map(({ file }) => file)
  }
}

const isPicture = (entry: Dirent): boolean => entry.isFile() && /\.jpe?g$/i.test(entry.name)
