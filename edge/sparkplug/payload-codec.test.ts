import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberOf } from '#domain/sparkplug/payload.ts'
import { decodeSparkplug, encodeSparkplug } from './payload-codec.ts'

const T = 1777622400000

const anyValue = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), bits: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('long' as const), bits: fc.bigInt(0n, 2n ** 64n - 1n) }),
  fc.record({ kind: fc.constant('real' as const), number: fc.double({ noNaN: true }) }),
  fc.record({ kind: fc.constant('boolean' as const), is: fc.boolean() }),
  fc.record({ kind: fc.constant('string' as const), text: fc.string() }),
)
const anyMetric = fc.record(
  {
    name: fc.string(),
    alias: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    timestamp: fc.nat(Number.MAX_SAFE_INTEGER),
    datatype: fc.nat(40),
    isHistorical: fc.boolean(),
    isNull: fc.boolean(),
    value: anyValue,
  },
  { requiredKeys: [] },
)
const anyPayload = fc.record(
  { timestamp: fc.nat(Number.MAX_SAFE_INTEGER), seq: fc.nat(255), metrics: fc.array(anyMetric) },
  { requiredKeys: ['metrics'] },
)

it('reads what it writes, a 0 and an empty name too', () => {
  fc.assert(
    fc.property(anyPayload, (payload) => {
      expect(decodeSparkplug(encodeSparkplug(payload))).toEqual(payload)
    }),
  )
})

it('takes any bytes, and any payload with bytes changed or cut off, without a throw', () => {
  const damaged = fc.tuple(anyPayload, fc.nat(), fc.nat(255), fc.nat()).map(([payload, at, byte, end]) => {
    const bytes = encodeSparkplug(payload)
    if (bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes.subarray(0, end % (bytes.length + 1))
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      const payload = decodeSparkplug(bytes)
      for (const { value, datatype } of payload?.metrics ?? [])
        expect(Number.isFinite(numberOf(value, datatype) ?? 0)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

it('ends soon with groups inside groups as deep as a message can be', () => {
  expect(decodeSparkplug(new Uint8Array(1_000_000).fill(0x33))).toBeUndefined()
})

const python = spawnSync('/usr/bin/python3', [join(import.meta.dirname, '../test/sparkplug-payloads.py')], {
  encoding: 'utf8',
})
const why = python.status === 0 ? '' : ' (skipped: python3-protobuf is not installed)'

describe.skipIf(python.status !== 0)(`payloads made by google.protobuf${why}`, () => {
  const read = (name: string) => {
    const all = JSON.parse(python.stdout) as Record<string, string>
    return decodeSparkplug(Buffer.from(all[name] ?? '', 'hex'))
  }
  const numbers = (name: string) =>
    read(name)?.metrics.map(({ value, datatype }) => numberOf(value, datatype)) ?? []

  it('reads a birth with every kind of number', () => {
    expect(read('birth')).toMatchObject({
      seq: 0,
      timestamp: T,
      metrics: [{ name: 'bdSeq' }, {}, { name: 'Mains', alias: '18446744073709551615' }],
    })
    expect(numbers('birth')).toEqual([7, 0, 1])
    expect(read('silo')?.seq).toBe(1)
    expect(numbers('silo')).toEqual([812.5, -12, -5, 123456789012, undefined, undefined])
    expect(read('silo')?.metrics.at(-1)?.isNull).toBe(true)
  })

  it('reads data by alias, history, and a death without a count', () => {
    expect(read('data')?.metrics[0]).toEqual({
      alias: '1',
      timestamp: T + 1000,
      value: { kind: 'real', number: 800.25 },
    })
    expect(read('history')?.metrics[0]?.isHistorical).toBe(true)
    expect(read('death')?.seq).toBeUndefined()
    expect(numbers('death')).toEqual([7])
  })

  it('steps over what carries no number', () => {
    expect(read('everything')).toEqual({
      timestamp: T,
      seq: 255,
      metrics: [
        { name: 'x', datatype: 17 },
        { name: 'y', datatype: 16 },
      ],
    })
  })
})
