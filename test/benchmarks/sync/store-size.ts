import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { openStore } from '../../../edge/store/open-store.ts'
import { createSixHouses, readingsOfSample } from './six-houses.ts'

export type StoreSize = { edgeBytesPerReading: number; storedReadings: number; storeMB: number }

const CLOCK = { boot: 'fedcba9876543210', offsetMs: 1_790_000_000_000 }

/**
 * Fills an edge's folder with the last `days` of six houses at full rate, through the store's own commit, one
 * transaction for each minute, and sealed every hour as the edge does it. Everything in the folder counts after it
 * was closed.
 */
export async function fillStore(edgeDir: string, days: number): Promise<StoreSize> {
  const endsAt = Math.floor(Date.now() / MINUTE) * MINUTE
  const startsAt = endsAt - days * DAY
  const houses = createSixHouses({ seed: 3, startsAt, stretch: 1 })
  const { store } = openStore(edgeDir, { now: startsAt })
  let storedReadings = 0
  for (let t = startsAt; t < endsAt; t += MINUTE) {
    const readings = houses.minute(t).flatMap(readingsOfSample)
    storedReadings += store.commit({ readings, events: [], clock: CLOCK }).stored
    if ((t + MINUTE) % HOUR > 0) continue
    while ((await store.tidy({ sealAll: false })) === 'more');
    // Whoever waits beside gets his turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  while ((await store.tidy({ sealAll: true })) === 'more');
  store.close()
  const bytes = await sizeOf(edgeDir)
  return { edgeBytesPerReading: bytes / storedReadings, storedReadings, storeMB: bytes / 1e6 }
}

async function sizeOf(dir: string): Promise<number> {
  const sizes = (await readdir(dir)).map(async (file) => (await stat(join(dir, file))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
