import { afterEach, beforeEach, expect, it } from 'vitest'
import { Problem } from '#domain/errors.ts'
import { createCounters } from '../counters.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { fakeClock, START } from '../test/open-test-cloud.ts'
import { readingsBatch, temperature } from '../test/test-edge.ts'
import { createDictionaries } from './dictionaries.ts'
import type { Taken } from './port.ts'
import { createIntake } from './take-batch.ts'

let stores: ReturnType<typeof openEmbedded>
beforeEach(() => {
  stores = openEmbedded(':memory:')
})
afterEach(() => stores.close())

const edge = { id: 'edge-1', farm: 'north', publicKey: '', enrolledAt: START, seenAt: 0 }

it('lets batches in by what they unpack to: of many that are small only on the line most are sent away', async () => {
  let atStore = 0
  let open = (_: Taken<number>) => {}
  const held = new Promise<Taken<number>>((resolve) => {
    open = resolve
  })
  const intake = createIntake({
    registry: stores.registry,
    batches: {
      ...stores.batches,
      takeReadings() {
        atStore++
        return held
      },
    },
    dictionaries: createDictionaries(stores.dictionaries),
    clock: fakeClock(),
    counters: createCounters(),
    random: () => 0,
    onReadings() {},
    onAlarms() {},
  })
  const reading = { ...temperature(START, 20), detail: { evidence: 'a'.repeat(7_000_000) } }
  const batch = readingsBatch(1, [reading])
  expect(batch.length).toBeLessThan(1500)

  let sentAway = 0
  const answers = Array.from({ length: 20 }, () =>
    intake.takeReadings(edge, batch).catch((error) => {
      expect(error).toBeInstanceOf(Problem)
      expect(error.code).toBe('too-many')
      sentAway++
    }),
  )
  // One is at work, nine wait: 63 MB.
  await expect.poll(() => sentAway, { timeout: 10_000 }).toBe(10)
  expect(atStore).toBe(1)
  open({ kind: 'taken', watermark: 1, stored: 1 })
  expect((await Promise.all(answers)).filter(Boolean)).toEqual(Array(10).fill({ watermark: 1 }))
})
