import { expect, it } from 'vitest'
import { createXk3190Framer, encodeXk3190 } from './xk3190.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** From the manual and from a truck scale's log. */
it.each([
  ['02 2B 30 30 30 30 30 30 30 31 42 03', { digits: 0, decimals: 0 }],
  ['02 2B 30 30 31 35 36 30 30 31 39 03', { digits: 1560, decimals: 0 }],
  ['02 2B 30 30 32 30 30 30 32 31 42 03', { digits: 2000, decimals: 2 }],
])('%s', (hex, frame) => {
  expect(createXk3190Framer().push(bytes(hex))).toEqual([{ kind: 'frame', frame }])
  expect(encodeXk3190(frame)).toEqual(bytes(hex))
})

it('reads the nibbles of clones', () => {
  const clone = bytes('02 2B 30 30 30 30 30 30 30 31 3B 03')
  expect(encodeXk3190({ digits: 0, decimals: 0 }, 'clone')).toEqual(clone)
  expect(createXk3190Framer().push(clone)).toEqual([{ kind: 'frame', frame: { digits: 0, decimals: 0 } }])
})

it('says why a frame is thrown away, and looks again one byte later', () => {
  const wrong = bytes('02 2B 30 30 31 35 36 31 30 31 39 03')
  const right = bytes('02 2B 30 30 31 35 36 30 30 31 39 03')
  expect(createXk3190Framer().push(Buffer.concat([wrong, right]))).toEqual([
    { kind: 'discarded', reason: 'checksum', count: 1 },
    { kind: 'discarded', reason: 'noise', count: 11 },
    { kind: 'frame', frame: { digits: 1560, decimals: 0 } },
  ])
})

it('finds a frame that begins inside a cut one', () => {
  const whole = bytes('02 2B 30 30 31 35 36 30 30 31 39 03')
  const framer = createXk3190Framer()
  const events = framer.push(Buffer.concat([whole.subarray(0, 5), whole]))
  expect(events.at(-1)).toEqual({ kind: 'frame', frame: { digits: 1560, decimals: 0 } })
})
