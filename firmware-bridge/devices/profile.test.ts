import { describe, expect, it } from 'vitest'
import { createTestPeer } from '../bus/test-peer.ts'
import { type ByteOrder, type NumberType, type Profile, readProfile } from './profile.ts'
import { profileDevice } from './profile-device.ts'

const field = { name: 'x', metric: 'air.temperature', address: 0 } as const
const good: Profile = { model: 'my-sensor', fields: [{ ...field, type: 'int16', scale: 0.1 }] }

describe('a profile', () => {
  it('that is right is taken as it is', () => {
    expect(readProfile(good)).toEqual({ ok: true, profile: good })
  })

  it('has all its mistakes of shape named at once, each with its place', () => {
    const result = readProfile({
      model: 'x',
      baud: 9600,
      fields: [
        { name: 'x', metric: 'light', fc: 6, address: 70_000, type: 'int24', order: 'BACD' },
        { name: 'y', metric: 'light' },
      ],
    })
    if (result.ok) expect.unreachable()
    const text = result.mistakes.map(({ path, message }) => `${path} ${message}`).join('\n')
    for (const said of [
      '/ unknown: baud',
      '/fields/0/fc must be one of 1, 2, 3, 4',
      '/fields/0/address',
      '/fields/0/type must be one of int16, uint16',
      '/fields/0/order must be one of ABCD',
      '/fields/1 must have required properties address',
    ])
      expect(text).toContain(said)
    expect(new Set(text.split('\n')).size).toBe(text.split('\n').length)
  })

  it('has its mistakes of sense named', () => {
    const result = readProfile({
      model: 'My Sensor',
      fields: [
        { ...field, metric: 'air.oxygen', scale: 0 },
        { ...field, fc: 1, type: 'int16' },
        { ...field, name: 'y', address: 0xffff, type: 'float32' },
        { ...field, name: 'z', order: 'CDAB' },
      ],
      reads: [{ fc: 3, address: 0, count: 126 }],
      outputs: { siren: { coil: 7 } },
    })
    if (result.ok) expect.unreachable()
    expect(result.mistakes.map(({ path }) => path)).toEqual([
      '/model',
      '/fields/0/metric',
      '/fields/0/scale',
      '/fields/1/name',
      '/fields/1',
      '/fields/1',
      '/fields/2/address',
      '/fields/2',
      '/fields/3/order',
      '/reads/0/count',
      '/outputs/siren',
    ])
  })

  it.each([undefined, null, 7, 'text', [], {}, { model: 'x', fields: [null] }])(
    'that is %j is refused without a throw',
    (input) => {
      expect(readProfile(input).ok).toBe(false)
    },
  )
})

/** 1234.5 and 305419896 as they stand in registers; from the definitions of the orders. */
const only = (type: NumberType, order: ByteOrder, more: Partial<Profile['fields'][number]> = {}) => {
  const [made] = profileDevice({ model: 'm', fields: [{ ...field, type, order, ...more }] }).fields
  return made ?? expect.unreachable()
}

it.each([
  ['float32', 'ABCD', [0x449a, 0x5000], 1234.5],
  ['float32', 'CDAB', [0x5000, 0x449a], 1234.5],
  ['float32', 'BADC', [0x9a44, 0x0050], 1234.5],
  ['float32', 'DCBA', [0x0050, 0x9a44], 1234.5],
  ['uint32', 'ABCD', [0x1234, 0x5678], 305_419_896],
  ['uint32', 'CDAB', [0x5678, 0x1234], 305_419_896],
  ['uint32', 'BADC', [0x3412, 0x7856], 305_419_896],
  ['uint32', 'DCBA', [0x7856, 0x3412], 305_419_896],
  ['int32', 'ABCD', [0xffff, 0xfffe], -2],
] as const)('%s %s reads and writes %j as %d', (type, order, words, value) => {
  expect(only(type, order).decode(words)).toBe(value)
  expect(only(type, order).encode(value)).toEqual(words)
})

it('scales, shifts and knows its own fault codes', () => {
  const made = only('uint16', 'ABCD', { scale: 0.01, offset: -40, invalid: [9999] })
  expect(made.decode([6543])).toBeCloseTo(25.43, 9)
  expect(made.encode(25.43)).toEqual([6543])
  expect(made.decode([9999])).toBeUndefined()
  expect(made.decode([0x7fff])).toBeCloseTo(287.67, 9)
  expect(only('float32', 'ABCD').decode([0x7fc0, 0])).toBeUndefined()
  expect(only('float32', 'ABCD').decode([0x7f80, 0])).toBeUndefined()
})

it('reads neighbours together and what is far apart in requests of its own', () => {
  const at = (address: number, fc: 3 | 4 = 3) => ({ ...field, name: `${fc}-${address}`, address, fc })
  const { reads } = profileDevice({
    model: 'm',
    fields: [at(300), at(0), at(10), at(2, 4), { ...at(12), type: 'float32' }],
  })
  expect(reads).toEqual([
    { table: 'holding', address: 0, count: 14 },
    { table: 'holding', address: 300, count: 1 },
    { table: 'input', address: 2, count: 1 },
  ])
})

it('is what the simulator answers with', async () => {
  const peer = await createTestPeer({ 1: profileDevice(good) })
  peer.set(1, { x: -3.5 })
  expect([...peer.image(1).holding]).toEqual([[0, 0x10000 - 35]])
  peer.close()
})
