import { basename, join } from 'node:path'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { NodeConfig } from '#domain/config.ts'
import { type Clock, MINUTE } from '#domain/time.ts'
import type { Counters } from './counters.ts'
import { createDiskWatch, DISK_RULE } from './store/disk-watch.ts'
import type { EdgeStore } from './store/edge-store.ts'
import { openStore } from './store/open-store.ts'
import { salvage } from './store/salvage.ts'
import { openTidying } from './store/tidying.ts'

export type StorageDeps = {
  config: NodeConfig
  /** UTC ms, as far as it is known before there is a store. */
  now: number
  counters: Counters
  onStale(why: string): void
}

export type Storage = {
  store: EdgeStore
  /** Why it takes nothing yet. */
  why: string | undefined
  /** Keeps it in order from now on: seals, makes room, warns of a full disk, brings in what a damaged file held. */
  keep(deps: KeepDeps): { close(): Promise<void> }
}

export type KeepDeps = {
  clock: Clock
  openAlarms: readonly AlarmEvent[]
  onAlarm(event: AlarmEvent): void
}

const MB = 1_000_000
const DEFAULT_MAX_MB = 2_000
/** Names the file that is still to be salvaged: it goes on after a restart. */
const SALVAGE_NOTE = 'salvage'

/** The store of the edge, with all that goes on beside it. */
export function openStorage({ config, now, counters, onStale }: StorageDeps): Storage {
  const { dataDir, maxMb = DEFAULT_MAX_MB, keepFreeMb } = config.edge
  const { store, setAside, why } = openStore(dataDir, {
    now,
    onStale,
    onDamaged: (what, readings) => counters.count('store.readings-damaged', what, readings),
    onThinned: (readings) => counters.count('store.thinned', undefined, readings),
    room: {
      maxBytes: maxMb * MB,
      ...(keepFreeMb !== undefined && { reserveBytes: keepFreeMb * MB }),
    },
  })
  if (setAside) counters.count('store.set-aside', setAside)
  if (why) counters.count('store.commit-failed', why)

  return {
    store,
    why,
    keep({ clock, openAlarms, onAlarm }) {
      const onFailed = (error: unknown) => counters.count('store.commit-failed', `keeping order: ${error}`)
      const tidying = openTidying({ store, monotonic: clock.monotonic, onFailed })
      const watch = createDiskWatch({
        open: openAlarms.find(({ rule }) => rule === DISK_RULE),
        now: clock.now,
        room: store.room,
        onAlarm,
      })
      const ticker = setInterval(() => {
        try {
          watch.look()
        } catch (error) {
          onFailed(error)
        }
      }, MINUTE)
      let isClosed = false
      const name = setAside ? basename(setAside) : store.note(SALVAGE_NOTE)
      const salvaging = name
        ? bringIn(store, join(dataDir, name), { counters, now: clock.now, isClosed: () => isClosed }).catch(
            onFailed,
          )
        : undefined
      return {
        async close() {
          isClosed = true
          clearInterval(ticker)
          await Promise.all([tidying.close(), salvaging])
        },
      }
    },
  }
}

type BringInDeps = { counters: Counters; now(): number; isClosed(): boolean }

async function bringIn(
  store: EdgeStore,
  path: string,
  { counters, now, isClosed }: BringInDeps,
): Promise<void> {
  store.setNote(SALVAGE_NOTE, basename(path))
  const { readings, events, unreadable } = await salvage({ path, store, now, isClosed })
  if (isClosed()) return
  store.setNote(SALVAGE_NOTE, '')
  const what = `${path}: ${readings} readings and ${events} alarm events, ${unreadable} readings could not be read`
  counters.count('store.salvaged', what, readings)
}
