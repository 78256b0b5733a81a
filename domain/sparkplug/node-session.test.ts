import { describe, expect, it } from 'vitest'
import {
  follow,
  freshSession,
  type NodeSession,
  REBIRTH_EVERY_MS,
  type SessionResult,
} from './node-session.ts'
import { numberOf, type SparkplugMetric, type SparkplugPayload } from './payload.ts'
import { parseSparkplugAddress, parseSparkplugTopic, type SparkplugType, sparkplugTopic } from './topic.ts'

const T = Date.UTC(2026, 4, 1, 8)
const real = (number: number) => ({ kind: 'real', number }) as const
const bdSeq = (number: number): SparkplugMetric => ({
  name: 'bdSeq',
  datatype: 4,
  value: { kind: 'long', bits: BigInt(number) },
})

/** A node `farm/plc` and its device `silo`, told message by message. */
function bench() {
  let session: NodeSession = freshSession
  let now = 0
  return {
    wait: (ms: number) => {
      now += ms
    },
    tell(type: SparkplugType, payload: SparkplugPayload): SessionResult {
      const device = type.startsWith('D') ? { device: 'silo' } : {}
      const result = follow(session, { group: 'farm', node: 'plc', type, ...device }, payload, now)
      session = result.session
      return result
    },
    born() {
      this.tell('NBIRTH', { seq: 0, timestamp: T, metrics: [bdSeq(7)] })
      return this.tell('DBIRTH', {
        seq: 1,
        timestamp: T,
        metrics: [{ name: 'Level', alias: '1', datatype: 9, timestamp: T, value: real(800) }],
      })
    },
  }
}
const level = (seq: number, value = 700): SparkplugPayload => ({
  seq,
  metrics: [{ alias: '1', timestamp: T + seq, value: real(value) }],
})

describe('a Sparkplug node', () => {
  it('says values in its births and then by alias, each at its own time', () => {
    const node = bench()
    expect(node.born()).toMatchObject({
      said: [{ device: 'silo', name: 'Level', value: 800, t: T }],
      online: [{ device: 'silo', is: true }],
      trouble: [],
      askRebirth: false,
    })
    expect(node.tell('DDATA', level(2)).said).toEqual([
      { device: 'silo', name: 'Level', value: 700, t: T + 2 },
    ])
    const unstamped = { seq: 3, timestamp: T + 9, metrics: [{ name: 'Level', value: real(1) }] }
    expect(node.tell('DDATA', unstamped).said).toEqual([
      { device: 'silo', name: 'Level', value: 1, t: T + 9 },
    ])
  })

  it('counts modulo 256 without a complaint', () => {
    const node = bench()
    node.born()
    for (let seq = 2; seq < 600; seq++) expect(node.tell('DDATA', level(seq % 256)).trouble).toEqual([])
  })

  it('asks for a rebirth at a gap, keeps what it can read, and asks again only after a while', () => {
    const node = bench()
    node.born()
    expect(node.tell('DDATA', level(4))).toMatchObject({
      trouble: ['gap'],
      askRebirth: true,
      said: [{ value: 700 }],
    })
    expect(node.tell('DDATA', level(5))).toMatchObject({ trouble: [], askRebirth: false })
    expect(node.tell('DDATA', level(9))).toMatchObject({ trouble: ['gap'], askRebirth: false })
    node.wait(REBIRTH_EVERY_MS)
    expect(node.tell('DDATA', level(12))).toMatchObject({ trouble: ['gap'], askRebirth: true })
  })

  it.each(['NDATA', 'DDATA', 'DBIRTH', 'DDEATH'] as const)('a %s before its birth says nothing', (type) => {
    expect(bench().tell(type, level(0))).toMatchObject({ said: [], trouble: ['unborn'], askRebirth: true })
  })

  it('takes no data of a device that was not born, though its node was', () => {
    const node = bench()
    node.tell('NBIRTH', { seq: 0, metrics: [bdSeq(1)] })
    expect(node.tell('DDATA', level(1))).toMatchObject({ said: [], trouble: ['unborn'], askRebirth: true })
  })

  it('reads the rest beside an alias that it does not know', () => {
    const node = bench()
    node.born()
    const payload = { seq: 2, metrics: [{ alias: '9', value: real(1) }, ...level(2).metrics] }
    expect(node.tell('DDATA', payload)).toMatchObject({
      said: [{ value: 700 }],
      trouble: ['unknown-alias'],
      askRebirth: true,
    })
  })

  it('forgets aliases with the next birth: the same number may mean another thing', () => {
    const node = bench()
    node.born()
    node.tell('NBIRTH', { seq: 0, metrics: [bdSeq(8)] })
    node.tell('DBIRTH', { seq: 1, metrics: [{ name: 'Outside', alias: '1', datatype: 9, value: real(-3) }] })
    expect(node.tell('DDATA', level(2)).said).toMatchObject([{ name: 'Outside' }])
  })

  it('goes with all of its devices, and not by the will of an older connection', () => {
    const node = bench()
    node.born()
    expect(node.tell('NDEATH', { metrics: [bdSeq(6)] }).online).toEqual([])
    expect(node.tell('DDATA', level(2)).said).toHaveLength(1)
    expect(node.tell('NDEATH', { metrics: [bdSeq(7)] }).online).toEqual([
      { device: '', is: false },
      { device: 'silo', is: false },
    ])
    expect(node.tell('DDATA', level(3)).trouble).toEqual(['unborn'])
  })

  it('lets one device go and keeps counting', () => {
    const node = bench()
    node.born()
    expect(node.tell('DDEATH', { seq: 2, metrics: [] }).online).toEqual([{ device: 'silo', is: false }])
    expect(node.tell('NDATA', { seq: 3, metrics: [] }).trouble).toEqual([])
  })

  it('hands on that a value is null', () => {
    const node = bench()
    node.born()
    const payload = { seq: 2, metrics: [{ alias: '1', isNull: true, value: real(5) }] }
    expect(node.tell('DDATA', payload).said).toMatchObject([{ name: 'Level', value: undefined }])
  })
})

it.each([
  [1, 0xff, -1],
  [1, 0xffff_ffff, -1],
  [2, 0xfff4, -12],
  [3, 0xffff_fff4, -12],
  [7, 0xffff_fff4, 0xffff_fff4],
  [undefined, 5, 5],
])('a number of datatype %s with the bits %d is %d', (datatype, bits, value) => {
  expect(numberOf({ kind: 'int', bits }, datatype)).toBe(value)
})

it('reads 64 bits with and without a sign', () => {
  expect(numberOf({ kind: 'long', bits: 2n ** 64n - 5n }, 4)).toBe(-5)
  expect(numberOf({ kind: 'long', bits: 2n ** 64n - 5n }, 8)).toBe(2 ** 64)
})

it.each(['spBv1.0/farm/NBIRTH/plc', 'spBv1.0/farm/DDATA/plc/silo'])(
  '%s is read and written alike',
  (text) => {
    const topic = parseSparkplugTopic(text)
    expect(topic && sparkplugTopic(topic)).toBe(text)
  },
)

it.each([
  'spBv1.0/farm/NBIRTH/plc/silo',
  'spBv1.0/farm/DDATA/plc',
  'spBv1.0/farm/DDATA/plc/',
  'spBv1.0/farm/XDATA/plc',
  'spBv1.0/STATE/host',
  'spAv1.0/farm/NBIRTH/plc',
  'spBv1.0//NBIRTH/plc',
  '',
])('%j is no topic of a node', (text) => {
  expect(parseSparkplugTopic(text)).toBeUndefined()
})

it.each([
  'spBv1.0/farm',
  'spBv1.0/farm/+',
  'spBv1.0/farm/plc/',
  'spBv1.0/a/b/c/d',
  'farm/plc',
  'spBv1.0/STATE/x',
])('%j names no device in farm.yaml', (text) => {
  expect(parseSparkplugAddress(text)).toBeUndefined()
})
