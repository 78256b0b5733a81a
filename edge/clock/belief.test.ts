import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { type Belief, EARLIEST_NOW, firstBelief, type Happening, hearCloud, look, SAME_MS } from './belief.ts'

const NOW = Date.UTC(2026, 5, 1)
const YEAR = 365 * DAY

/** A machine whose clocks can be set, and what it believes. `trueAt`: UTC at the boot. */
function machine(wallAtBoot: number, newestT?: number) {
  let systemMs = wallAtBoot
  let monoMs = 10 * SECOND
  let syncedAt: number | undefined
  const lookNow = () => ({ monoMs, wallMs: monoMs + systemMs, syncedAt })
  let belief: Belief = firstBelief(lookNow(), newestT)
  const told: Happening[] = []
  const step = ({ belief: next, happening }: { belief: Belief; happening?: Happening }) => {
    belief = next
    if (happening) told.push(happening)
  }
  return {
    run: (ms: number) => {
      monoMs += ms
    },
    set: (byMs: number) => {
      systemMs += byMs
      step(look(belief, lookNow()))
    },
    sync: (byMs: number) => {
      systemMs += byMs
      syncedAt = systemMs + monoMs
      step(look(belief, lookNow()))
    },
    /** The cloud's clock shows this: the header drops the fraction, half the way lies before it. */
    cloud: (trueAtBoot: number, rttMs = 100) => {
      const dateMs = Math.floor((trueAtBoot + monoMs - rttMs / 2) / SECOND) * SECOND
      step(hearCloud(belief, { monoMs, dateMs, rttMs }))
    },
    now: () => belief.offsetMs + monoMs,
    trueNow: (trueAtBoot: number) => trueAtBoot + monoMs,
    trust: () => belief.trust,
    told: () => told.splice(0).map(({ kind }) => kind),
  }
}

describe('before the time is known', () => {
  it.each([
    ['its battery keeps the time', NOW, NOW - HOUR, NOW],
    ['it starts in 1970', 0, NOW, NOW],
    ['it starts where it was switched off', NOW - 3 * HOUR, NOW, NOW],
    ['it starts in 1970, and nothing is stored yet', 0, undefined, EARLIEST_NOW],
    ['a sender was a minute ahead when it was switched off', NOW, NOW + MINUTE, NOW],
  ])('%s: no earlier than what is stored', (_, wall, newestT, atLeast) => {
    const box = machine(wall, newestT)
    expect(box.now()).toBeGreaterThanOrEqual(atLeast)
    expect(box.now() - atLeast).toBeLessThan(MINUTE)
    expect(box.trust()).toBe('none')
  })

  it('goes where the wall clock is set to, but not before there can be any time', () => {
    const box = machine(NOW - 30 * DAY)
    box.set(30 * DAY)
    expect([box.told(), box.now()]).toEqual([['followed'], NOW + 10 * SECOND])
    box.set(-40 * YEAR)
    expect([box.told(), box.now()]).toEqual([[], NOW + 10 * SECOND])
  })

  it('knows the time as soon as the machine is synchronised', () => {
    const box = machine(0, NOW - DAY)
    box.sync(NOW)
    expect([box.told(), box.trust(), box.now()]).toEqual([['known'], 'system', NOW + 10 * SECOND])
  })

  it('takes no synchronisation of long ago for one', () => {
    const wallMs = NOW + YEAR
    const belief = firstBelief({ monoMs: 0, wallMs }, undefined)
    const trustAfter = (syncedAt: number) => look(belief, { monoMs: 0, wallMs, syncedAt }).belief.trust
    expect([trustAfter(NOW), trustAfter(wallMs - HOUR)]).toEqual(['none', 'system'])
  })
})

describe('once the time is known', () => {
  it.each([
    ['a year ahead', YEAR],
    ['back to 1970', -NOW],
    ['an hour back', -HOUR],
  ])('the wall clock set %s is not believed, and told once', (_, byMs) => {
    for (const know of ['system', 'cloud'] as const) {
      const box = machine(NOW)
      if (know === 'cloud') box.cloud(NOW)
      else box.sync(0)
      box.told()
      box.set(byMs)
      for (let minute = 0; minute < 10; minute++) {
        box.run(MINUTE)
        box.set(0)
      }
      expect(box.told()).toEqual(['jumped'])
      box.cloud(NOW)
      expect(Math.abs(box.now() - box.trueNow(NOW))).toBeLessThan(SAME_MS)
      box.set(-byMs)
      expect(box.told().filter((kind) => kind === 'jumped')).toEqual([])
    }
  })

  it('a cloud that jumps a year is not believed at once, and never against time servers', () => {
    const box = machine(NOW)
    box.sync(0)
    box.cloud(NOW)
    box.told()
    for (let minute = 0; minute < 60; minute++) {
      box.run(MINUTE)
      if (minute % 30 === 0) box.sync(0)
      box.cloud(NOW + YEAR)
    }
    expect(new Set(box.told())).toEqual(new Set(['disputed']))
    expect(Math.abs(box.now() - box.trueNow(NOW))).toBeLessThan(SAME_MS)
  })

  it('without time servers the cloud has the last word, when it stays with it', () => {
    const box = machine(NOW)
    box.cloud(NOW + YEAR)
    box.told()
    box.run(MINUTE)
    box.cloud(NOW)
    box.run(MINUTE)
    box.cloud(NOW)
    expect(box.told()).toEqual(['disputed', 'disputed'])
    box.run(3 * MINUTE)
    box.cloud(NOW)
    expect(box.told()).toEqual(['known'])
    expect(Math.abs(box.now() - box.trueNow(NOW))).toBeLessThan(SAME_MS)
  })

  it('a quartz that runs away is followed in small steps, and nothing was wrong', () => {
    const box = machine(NOW)
    box.cloud(NOW)
    box.told()
    // 100 parts in a million too slow, an answer a minute for two days, one after another two days offline.
    let trueAtBoot = NOW
    const steps = new Set<number>()
    for (let minute = 0; minute < 2880; minute++) {
      box.run(MINUTE)
      trueAtBoot += 6
      box.cloud(trueAtBoot, 200)
      steps.add(Math.round(box.now() - box.trueNow(0)))
    }
    expect(steps.size).toBeLessThan(60)
    box.run(2 * DAY)
    trueAtBoot += 2 * 8640
    box.cloud(trueAtBoot)
    expect(Math.abs(box.now() - box.trueNow(trueAtBoot))).toBeLessThan(SAME_MS)
    expect(box.told()).toEqual([])
  })
})

it('learns nothing from an answer that was long in coming', () => {
  const box = machine(NOW + YEAR)
  box.cloud(NOW, 55_000)
  expect([box.trust(), box.told()]).toEqual(['none', []])
})

it('is within a second and the round trip of the cloud, whatever it believed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30_000 }),
      fc.integer({ min: 0, max: 1_000_000_000 }),
      fc.integer({ min: -YEAR, max: YEAR }),
      (rttMs, monoMs, wrongMs) => {
        const trueAtBoot = NOW
        const belief = firstBelief({ monoMs, wallMs: NOW + wrongMs + monoMs }, undefined)
        const dateMs = Math.floor((trueAtBoot + monoMs - rttMs / 2) / SECOND) * SECOND
        const { belief: after } = hearCloud(belief, { monoMs, dateMs, rttMs })
        const offMs = Math.abs(after.offsetMs - trueAtBoot)
        expect(offMs).toBeLessThanOrEqual(SECOND + rttMs + 251)
        expect(after.trust).toBe('cloud')
      },
    ),
  )
})
