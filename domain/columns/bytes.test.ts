import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ColumnsMistake, createByteReader, createByteWriter } from './bytes.ts'

const whole = fc.oneof(fc.nat(300), fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const either = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
)

it('numbers come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(whole), fc.array(either), (numbers, signed) => {
      const writer = createByteWriter()
      for (const value of numbers) writer.number(value)
      for (const value of signed) writer.signed(value)
      const reader = createByteReader(writer.take())
      expect(numbers.map(() => reader.number())).toEqual(numbers)
      expect(signed.map(() => reader.signed())).toEqual(signed)
      expect(reader.left()).toBe(0)
    }),
  )
})

it.each([
  [0, 1],
  [127, 1],
  [128, 2],
  [16_383, 2],
  [16_384, 3],
  [2 ** 31 - 1, 5],
  [2 ** 31, 5],
  [2 ** 35, 6],
  [2 ** 49 - 1, 7],
  [2 ** 49, 8],
  [Number.MAX_SAFE_INTEGER, 8],
])('%d comes back from %d bytes', (value, size) => {
  const writer = createByteWriter()
  writer.number(value)
  expect(writer.length()).toBe(size)
  expect(createByteReader(writer.take()).number()).toBe(value)
})

it.each([-1, 0.5, 2 ** 53, Number.NaN])('%d cannot be written', (value) => {
  expect(() => createByteWriter().number(value)).toThrow(RangeError)
})

it.each([
  ['the end', []],
  ['a number without an end', [0x80]],
  ['a number of more than 53 bits', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10]],
  ['a number of ten bytes', Array(10).fill(0x80)],
])('%s is a mistake', (_, bytes) => {
  expect(() => createByteReader(Uint8Array.from(bytes)).number()).toThrow(ColumnsMistake)
})
