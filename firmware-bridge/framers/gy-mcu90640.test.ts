import { expect, it } from 'vitest'
import type { Framed } from './framer.ts'
import { createGyMcu90640Framer, encodeGyMcu90640, FRAME_BYTES, type GyMcu90640Frame } from './gy-mcu90640.ts'

const picture = (centi: number): GyMcu90640Frame => ({
  ambientCentiC: 2600,
  centiC: new Int16Array(768).fill(centi),
})
const reasons = (events: Framed<unknown>[]) =>
  events.flatMap((event) => (event.kind === 'discarded' && event.reason !== 'noise' ? [event.reason] : []))
const hottest = (events: Framed<GyMcu90640Frame>[]) =>
  events.flatMap((event) => (event.kind === 'frame' ? [event.frame.centiC[0]] : []))

/** A board whose last two bytes are no sum we know. */
function withoutSum(centi: number): Uint8Array {
  const bytes = encodeGyMcu90640(picture(centi))
  bytes[FRAME_BYTES - 1] = (bytes[FRAME_BYTES - 1] as number) ^ 0x5f
  return bytes
}

it('stands in the datasheet order', () => {
  const bytes = encodeGyMcu90640({
    ambientCentiC: -123,
    centiC: Int16Array.from({ length: 768 }, (_, pixel) => pixel - 5),
  })
  expect(bytes.length).toBe(1544)
  expect([...bytes.subarray(0, 6)]).toEqual([0x5a, 0x5a, 0x02, 0x06, 0xfb, 0xff])
  expect([...bytes.subarray(1540, 1542)]).toEqual([0x85, 0xff])
})

it('takes a picture without a known sum when the next header stands where it must', () => {
  const framer = createGyMcu90640Framer()
  expect(framer.push(withoutSum(2000))).toEqual([])
  expect(hottest(framer.push(withoutSum(2100)))).toEqual([2000])
  expect(hottest(framer.push(withoutSum(2200)))).toEqual([2100])
})

it('refuses one that lost bytes on the way', () => {
  const framer = createGyMcu90640Framer()
  const cut = withoutSum(2000)
  const events = framer.push(
    Buffer.concat([cut.subarray(0, 700), cut.subarray(703), withoutSum(2100), withoutSum(2200)]),
  )
  expect(hottest(events)).toEqual([2100])
  expect(reasons(events)).toEqual(['truncated'])
})

it('trusts the sum of a board whose sums have fitted', () => {
  const framer = createGyMcu90640Framer()
  for (const centi of [2000, 2100, 2200]) framer.push(encodeGyMcu90640(picture(centi)))
  const events = framer.push(Buffer.concat([withoutSum(2300), encodeGyMcu90640(picture(2400))]))
  expect(hottest(events)).toEqual([2400])
  expect(reasons(events)).toEqual(['checksum'])
})

it.each([
  ['a pixel above 300 °C', { ambientCentiC: 2600, centiC: new Int16Array(768).fill(30_001) }],
  ['a pixel below −40 °C', { ambientCentiC: 2600, centiC: new Int16Array(768).fill(-4001) }],
  ['a module at 86 °C', { ambientCentiC: 8600, centiC: new Int16Array(768) }],
])('refuses %s', (_, frame) => {
  expect(reasons(createGyMcu90640Framer().push(encodeGyMcu90640(frame)))).toEqual(['implausible'])
})
