import { beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import { createSiren, type Siren } from './siren.ts'

const alarm = (id: string, house = 'h1'): AlarmEvent => ({
  alarm: id,
  action: 'raised',
  t: 0,
  house,
  device: 'd',
  rule: 'fan-stopped',
  metric: 'fan.running',
  severity: 'critical',
  since: 0,
  value: 0,
  limit: 0.5,
  late: false,
})

describe('siren', () => {
  let now: number
  let said: { topic: string; on: boolean; id: string }[]
  let siren: Siren
  const heard = () => said.splice(0).map(({ topic, on }) => [topic.split('/')[2], on])
  const pass = (seconds: number) => {
    for (let step = 0; step < seconds * 4; step++) {
      now += 250
      siren.tick()
    }
  }
  beforeEach(() => {
    now = 1_000_000
    said = []
    siren = createSiren({
      outputs: [
        { house: 'h1', device: 'relay-1', output: 'siren' },
        { house: 'h2', device: 'relay-2', output: 'siren' },
        { house: 'h1', device: 'relay-1', output: 'fan.emergency' },
      ],
      monotonic: () => now,
      publish: (topic, { on, id }) => said.push({ topic, on, id }),
    })
  })

  it('sounds at once, in its own house only', () => {
    siren.raise(alarm('a'))
    expect(heard()).toEqual([['h1', true]])
  })

  it('repeats every 30 s until the relay says that it is on, and again when it drops out', () => {
    siren.raise(alarm('a'))
    siren.confirm('h1', 'relay-1', false)
    pass(61)
    expect(new Set(said.map(({ id }) => id)).size).toBe(3)
    expect(heard()).toEqual([
      ['h1', true],
      ['h1', true],
      ['h1', true],
    ])
    siren.confirm('h1', 'relay-1', true)
    pass(60)
    expect(heard()).toEqual([])
    siren.confirm('h1', 'relay-1', false)
    pass(30)
    expect(heard()).toEqual([['h1', true]])
  })

  it('falls silent when the last alarm is cleared, and insists on it', () => {
    siren.raise(alarm('a'))
    siren.raise(alarm('b'))
    siren.confirm('h1', 'relay-1', true)
    siren.clear(alarm('a'))
    expect(heard()).toEqual([['h1', true]])
    siren.clear(alarm('b'))
    expect(heard()).toEqual([['h1', false]])
    pass(31)
    expect(heard()).toEqual([['h1', false]])
    siren.confirm('h1', 'relay-1', false)
    pass(60)
    expect(heard()).toEqual([])
  })

  it('falls silent when every alarm is acknowledged, and sounds for a new one', () => {
    siren.raise(alarm('a'))
    siren.acknowledge(['a'])
    siren.raise(alarm('b'))
    expect(heard()).toEqual([
      ['h1', true],
      ['h1', false],
      ['h1', true],
    ])
  })

  it('says what is open to a bridge that comes back', () => {
    siren.announce()
    expect(heard()).toEqual([])
    siren.raise(alarm('a'))
    siren.announce()
    expect(heard()).toEqual([
      ['h1', true],
      ['h1', true],
    ])
  })
})
