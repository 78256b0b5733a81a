import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../time.ts'
import { augerRate, newAuger, runAuger } from './auger.ts'
import { type EatenAt, eatenPerHour, hoursLeft, rememberEaten } from './hours-left.ts'
import { newSilo, type Silo, weighSilo } from './silo.ts'

/** A reading a minute, from `at` on. */
function weigh(silo: Silo, minutes: number, kgAt: (minute: number) => number): Silo {
  const from = silo.lastT
  let now = silo
  for (let minute = 1; minute <= minutes; minute++) now = weighSilo(now, from + minute * MINUTE, kgAt(minute))
  return now
}

describe('a silo on load cells', () => {
  it('counts what is eaten, noise of ±15 kg notwithstanding', () => {
    // 1,200 kg a day for three days.
    const silo = weigh(
      newSilo(0, 8000),
      3 * 1440,
      (minute) => 8000 - minute / 1.2 + 15 * Math.sin(minute * 2.4),
    )
    expect(Math.abs(silo.eatenKg - 3600)).toBeLessThan(20)
    expect(silo.addedKg).toBe(0)
  })

  it('sees a refill as a step up, once, and counts on from there', () => {
    const eating = weigh(newSilo(0, 2000), 600, (minute) => 2000 - minute)
    const filled = weigh(eating, 600, (minute) => (minute < 20 ? 1400 + 300 * minute : 7100) - minute)
    expect(filled.addedKg).toBeGreaterThan(5600)
    expect(filled.addedKg).toBeLessThan(5750)
    expect(Math.abs(filled.eatenKg - 1200)).toBeLessThan(60)
  })

  it('takes a gust, or a man on the ladder, for no refill', () => {
    const silo = weigh(newSilo(0, 2000), 120, (minute) => (minute > 50 && minute < 54 ? 2150 : 2000))
    expect(silo).toMatchObject({ addedKg: 0, eatenKg: 0, levelKg: 2000 })
  })

  it('feeds no bird with a cell that fails or a silo that is emptied', () => {
    const failed = weigh(newSilo(0, 6000), 20, () => 0)
    expect(weigh(failed, 20, () => 6000)).toMatchObject({ eatenKg: 0, addedKg: 0, levelKg: 6000 })
    expect(weigh(newSilo(0, 6000), 60, () => 200)).toMatchObject({ eatenKg: 0, addedKg: 0, levelKg: 200 })
  })

  it('ignores readings out of order', () => {
    const silo = newSilo(1000, 500)
    expect(weighSilo(silo, 1000, 0)).toBe(silo)
  })
})

describe('an auger', () => {
  it('carries by its run time, and not through a silence', () => {
    let auger = newAuger(0, true)
    for (let minute = 1; minute <= 10; minute++) auger = runAuger(auger, minute * MINUTE, minute < 10, 12)
    expect(auger.carriedKg).toBe(120)
    auger = runAuger(auger, 60 * MINUTE, true, 12)
    expect(auger.carriedKg).toBe(120)
    expect(runAuger(auger, 24 * HOUR, false, 12).carriedKg).toBe(180)
  })

  it.each([
    [24, 2 * MINUTE, 12],
    [0, MINUTE, undefined],
    [5, 0, undefined],
  ])('%d kg in %d ms is %s kg a minute', (kg, ms, rate) => {
    expect(augerRate(kg, ms)).toBe(rate)
  })
})

describe('when the feed ends', () => {
  const lasting = (hours: number, kgAt: (hour: number) => number): EatenAt[] => {
    let history: EatenAt[] = []
    for (let minute = 0; minute <= hours * 60; minute += 10)
      history = rememberEaten(history, { t: minute * MINUTE, kg: kgAt(minute / 60) })
    return history
  }

  it('is said over whole days, so that a night without a meal moves nothing', () => {
    // 1,200 kg in the 16 hours of light, nothing in the dark.
    const eaten = (hour: number) => 1200 * (Math.floor(hour / 24) + Math.min(1, (hour % 24) / 16))
    for (const hours of [48, 55, 60, 71]) expect(hoursLeft(2400, lasting(hours, eaten))).toBeCloseTo(48, -0.5)
  })

  it('is not said without hours behind it, or while nobody eats', () => {
    expect(
      hoursLeft(
        2400,
        lasting(5, (hour) => hour * 50),
      ),
    ).toBeUndefined()
    expect(
      hoursLeft(
        2400,
        lasting(30, () => 7),
      ),
    ).toBeUndefined()
    expect(eatenPerHour([])).toBeUndefined()
  })

  it('keeps no more than two days of points', () => {
    expect(lasting(500, (hour) => hour).length).toBeLessThan(60)
  })
})
