import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '#domain/time.ts'
import type { BirdWeight } from '#domain/weighing/flock-day.ts'
import { createDayWeights } from './day-weights.ts'

const NOON = Date.UTC(2026, 5, 29, 12)
const at = (t: number): BirdWeight => ({ t, grams: 1616 })

describe('the weights of three days', () => {
  const open = (stored: BirdWeight[] = []) =>
    createDayWeights('UTC', (from) => stored.filter(({ t }) => t >= from))
  const weigh = (days: ReturnType<typeof open>, t: number) => {
    expect(days.enter(t)).toBe(true)
    days.add(at(t))
  }
  const times = (days: ReturnType<typeof open>) => {
    const { day, weights, earlier } = days.known()
    return { day, today: weights.map(({ t }) => t), earlier: earlier.map((one) => one.map(({ t }) => t)) }
  }
  const threeDays = {
    day: '2026-06-29',
    today: [NOON],
    earlier: [[NOON - 2 * DAY], [NOON - DAY]],
  }

  it('are the same when they came as when they are read after a start', () => {
    const lived = open()
    for (const t of [NOON - 3 * DAY, NOON - 2 * DAY, NOON - DAY, NOON]) weigh(lived, t)
    expect(times(lived)).toEqual(threeDays)
    const started = open([NOON - 3 * DAY, NOON - 2 * DAY, NOON - DAY].map(at))
    weigh(started, NOON)
    expect(times(started)).toEqual(threeDays)
    expect(started.enter(NOON - DAY)).toBe(false)
  })

  it.each([
    ['back', -30 * DAY],
    ['forward', 30 * DAY],
  ])('move together when the clock is corrected %s, stored by then or not, each once', (_, byMs) => {
    const stored: BirdWeight[] = []
    const days = open(stored)
    for (const t of [NOON - 2 * DAY, NOON - DAY, NOON - HOUR]) weigh(days, t - byMs)
    days.step({ byMs, wrong: { fromT: NOON - 3 * DAY - byMs, toT: NOON - byMs } })
    stored.push(at(NOON - DAY))
    weigh(days, NOON)
    expect(times(days)).toEqual({ ...threeDays, today: [NOON - HOUR, NOON] })
  })

  it('of before a calibration count no more, also where a correction has just moved them', () => {
    const days = open()
    for (const t of [NOON - DAY, NOON - HOUR]) weigh(days, t - 7 * DAY)
    days.step({ byMs: 7 * DAY, wrong: { fromT: 0, toT: NOON - 7 * DAY } })
    days.forgetBefore(NOON - 2 * HOUR)
    weigh(days, NOON)
    expect(times(days)).toEqual({ ...threeDays, today: [NOON - HOUR, NOON], earlier: [[], []] })
  })
})
