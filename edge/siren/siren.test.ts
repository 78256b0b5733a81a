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

const T0 = Date.UTC(2026, 5, 1)

describe('siren', () => {
  let now: number
  let said: { topic: string; on: boolean; id: string }[]
  let alarms: AlarmEvent[]
  let siren: Siren
  const heard = () => said.splice(0).map(({ topic, on }) => [topic.split('/')[2], on])
  const pass = (seconds: number) => {
    for (let step = 0; step < seconds * 4; step++) {
      now += 250
      siren.tick()
    }
  }
  const open = (unconfirmed: AlarmEvent[] = []) => {
    said = []
    alarms = []
    siren = createSiren({
      outputs: [
        { house: 'h1', device: 'relay-1', output: 'siren' },
        { house: 'h2', device: 'relay-2', output: 'siren' },
        { house: 'h1', device: 'relay-1', output: 'fan.emergency' },
      ],
      clock: { now: () => T0 + now, monotonic: () => now },
      unconfirmed,
      publish: (topic, { on, id }) => said.push({ topic, on, id }),
      onAlarm: (event) => alarms.push(event),
    })
  }
  beforeEach(() => {
    now = 1_000_000
    open()
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

  describe('that does not confirm', () => {
    const told = () => alarms.map(({ device, action }) => `${device} ${action}`)
    beforeEach(() => siren.confirm('h1', 'relay-1', false))

    it('is an alarm after 30 s, once, and cleared when it sounds', () => {
      siren.raise(alarm('a'))
      pass(30)
      expect(told()).toEqual([])
      const since = T0 + now - 29_750
      pass(60)
      expect(alarms).toMatchObject([
        {
          rule: 'siren-unconfirmed',
          action: 'raised',
          severity: 'critical',
          house: 'h1',
          since,
          late: false,
        },
      ])
      siren.confirm('h1', 'relay-1', true)
      expect(told()).toEqual(['relay-1 raised', 'relay-1 cleared'])
      expect(alarms[1]).toMatchObject({ alarm: alarms[0]?.alarm, since, t: T0 + now })
      pass(120)
      expect(alarms).toHaveLength(2)
    })

    it('is none when it answers in time, and one when it drops out', () => {
      siren.raise(alarm('a'))
      pass(20)
      siren.confirm('h1', 'relay-1', true)
      pass(60)
      expect(told()).toEqual([])
      siren.confirm('h1', 'relay-1', false)
      pass(31)
      expect(told()).toEqual(['relay-1 raised'])
    })

    it('is cleared by its own word when it need not sound any more', () => {
      siren.raise(alarm('a'))
      pass(31)
      siren.clear(alarm('a'))
      expect(told()).toEqual(['relay-1 raised'])
      siren.confirm('h1', 'relay-1', false)
      expect(told()).toEqual(['relay-1 raised', 'relay-1 cleared'])
    })

    it('has until its first heartbeat to speak after a start, and its alarm is carried over one', () => {
      siren.raise(alarm('a'))
      pass(31)
      const [before] = alarms
      open(before ? [before] : [])
      siren.raise(alarm('a'))
      pass(200)
      expect(told()).toEqual([])
      siren.confirm('h1', 'relay-1', true)
      expect(alarms).toMatchObject([{ action: 'cleared', alarm: before?.alarm }])
      open()
      siren.raise(alarm('a'))
      pass(89)
      expect(told()).toEqual([])
      pass(2)
      expect(told()).toEqual(['relay-1 raised'])
    })
  })
})
