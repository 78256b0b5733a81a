import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { cobb500 } from '#domain/breeds/data/cobb-500.ts'
import { isMetric } from '#domain/metrics.ts'
import { rejectReason } from '#domain/reading.ts'
import { defaultRules } from '#domain/rules/default-rules.ts'
import { freshState, HOLD_MS, type JudgeState, judge } from '#domain/rules/judge.ts'
import { ageInDays, DAY, MINUTE } from '#domain/time.ts'
import { MAX_MESSAGE_BYTES, parseTopic, ReadingsMessage, type Sample } from '#domain/topics.ts'
import { type HistoryMessage, makeHistory, publishPaced } from './history.ts'
import { createHouseModel, type NH3Episode } from './model/house-model.ts'
import { createWeather, spring } from './model/weather.ts'

const to = Date.parse('2026-05-20T14:03:20+08:00')
const from = to - 21 * DAY
const timeZone = 'Asia/Shanghai'

const make = (placedOn: string, episode?: NH3Episode) => {
  const model = createHouseModel({
    id: 'h1',
    seed: 3,
    standard: cobb500,
    placedOn,
    birds: 16_000,
    timeZone,
    weather: createWeather(3, spring),
    startsAt: from,
    episode,
  })
  const options = {
    house: 'h1',
    seed: 3,
    from,
    to,
    stepMs: 5 * MINUTE,
    fineFrom: to - DAY,
    fineStepMs: MINUTE,
  }
  return { model, messages: [...makeHistory(model, options)] }
}
const samplesOf = (messages: readonly HistoryMessage[]) =>
  messages.flatMap(({ topic, payload }) => {
    const device = parseTopic(topic)?.device ?? ''
    return (JSON.parse(payload) as Sample[]).map((sample) => ({ device, ...sample }))
  })

/** Ids of the default rules that these samples would have raised. */
const raised = (samples: ReturnType<typeof samplesOf>, placedOn: string) => {
  const rules = defaultRules().filter(({ condition }) => condition.kind !== 'silent')
  const states = new Map<string, JudgeState>()
  const found = new Set<string>()
  for (const { device, t, values } of samples) {
    const ageDays = ageInDays(placedOn, t, timeZone)
    for (const rule of rules) {
      const value = values[rule.metric]
      if (value === undefined) continue
      const key = `${device}|${rule.id}`
      const before = states.get(key) ?? freshState(0)
      // A value holds for a while: a tick lets its for-duration run out before the next comes.
      const held = judge(rule, ageDays, before, { t: Math.min(before.lastT + HOLD_MS, t) })
      const next = judge(rule, ageDays, held.state, { t, value })
      states.set(key, next.state)
      if ([held, next].some(({ change }) => change?.kind === 'raised')) found.add(rule.id)
    }
  }
  return [...found]
}

describe('a history', () => {
  const placedOn = '2026-04-26'
  const { model, messages } = make(placedOn)
  const samples = samplesOf(messages)

  it('is made of messages that the edge takes', () => {
    const message = Compile(ReadingsMessage)
    expect(messages.filter(({ payload }) => !message.Check(JSON.parse(payload)))).toEqual([])
    expect(Math.max(...messages.map(({ payload }) => payload.length))).toBeLessThan(MAX_MESSAGE_BYTES)
    const rejected = samples.flatMap(({ t, values }) =>
      Object.entries(values).filter(([metric, value]) => rejectReason(metric, value, t, to)),
    )
    expect(rejected).toEqual([])
  })

  it('reaches from then to now, every 5 minutes, in the last day every minute, oldest first', () => {
    const times = samples.filter(({ device }) => device === 'h1-air').map(({ t }) => t)
    expect(times[0]).toBeLessThan(from + 5 * MINUTE)
    expect(to - (times.at(-1) ?? 0)).toBeLessThan(MINUTE)
    const steps = times.slice(1).map((t, at) => ({ t, step: t - (times[at] ?? 0) }))
    expect(steps.every(({ step }) => step > 0 && step <= 5 * MINUTE)).toBe(true)
    expect(steps.every(({ t, step }) => (t > to - DAY + 5 * MINUTE ? step === MINUTE : true))).toBe(true)
    expect(times.length).toBeGreaterThan(20 * 288 + 1430)
  })

  it('has every metric of the house, and a weight that grows', () => {
    const metrics = new Set(samples.flatMap(({ values }) => Object.keys(values)))
    const wanted = [
      'air.temperature',
      'air.nh3',
      'air.co2',
      'thermal.max',
      'water.volume',
      'fan.running',
      'siren.on',
    ]
    expect([...metrics]).toEqual(expect.arrayContaining(wanted))
    expect([...metrics].every(isMetric)).toBe(true)
    const weights = samples.filter(({ device }) => device === 'h1-scale')
    expect(weights.every(({ source, by }) => source === 'model' && by === 'weigh-stands@2')).toBe(true)
    const grams = weights.map(({ values }) => values['bird.weight.mean'] ?? 0)
    expect(grams.at(-1)).toBeGreaterThan(8 * (grams[0] ?? 0))
  })

  it('goes over into the live model without a step', () => {
    expect(model.now()).toBe(to)
    const last = samples.findLast(({ device }) => device === 'h1-meters')?.values ?? {}
    const live = model.measure().meters
    expect(Math.abs((live['water.volume'] ?? 0) - (last['water.volume'] ?? 0))).toBeLessThan(30)
    expect(Math.abs((live['outside.temperature'] ?? 0) - (last['outside.temperature'] ?? 0))).toBeLessThan(
      0.6,
    )
  })

  it.each(['2026-04-10', '2026-04-26', '2026-04-29'])(
    'alarms nobody when placed on %s',
    (day) => {
      expect(raised(samplesOf(make(day).messages), day)).toEqual([])
    },
    20_000,
  )

  it('has one ammonia trouble when it is asked for', () => {
    const episode = { from: to - 9 * DAY, to: to - 9 * DAY + 40 * MINUTE, ppm: 24 }
    expect(raised(samplesOf(make(placedOn, episode).messages), placedOn)).toContain('nh3-limit')
  }, 20_000)
})

describe('publishing', () => {
  const messages = Array.from(
    { length: 100 },
    (_, t): HistoryMessage => ({ t, topic: 'x', payload: '[]', samples: 1 }),
  )

  it('keeps the order and at most 20 unacknowledged', async () => {
    const begun: number[] = []
    let flying = 0
    let most = 0
    const acknowledged: number[] = []
    await publishPaced(
      messages,
      async ({ t }) => {
        begun.push(t)
        most = Math.max(most, ++flying)
        await new Promise((resolve) => setTimeout(resolve, 1))
        flying--
      },
      ({ t }) => acknowledged.push(t),
    )
    expect(begun).toEqual(messages.map(({ t }) => t))
    expect(most).toBe(20)
    expect(acknowledged).toHaveLength(100)
  })

  it('ends when the connection is closed', async () => {
    let acknowledged = 0
    const publish = async ({ t }: HistoryMessage) => {
      if (t >= 30) throw new Error('closed')
    }
    await publishPaced(messages, publish, () => acknowledged++)
    expect(acknowledged).toBe(30)
  })
})
