import { expect, it } from 'vitest'
import { compare } from './compare.ts'
import { type Device, SPOKEN } from './device.ts'
import type { Stored } from './readings-of.ts'

const T0 = Date.UTC(2026, 5, 1)

/** Said 0 to 3: 0 to 2 were acknowledged, 2 with a time that the edge refuses. */
const device: Omit<Device, 'cut' | 'finish' | 'close'> = {
  house: 'h1',
  id: 'd1',
  said: () => 4,
  isAcknowledged: (number) => number < 3,
  mayBeRefused: (number) => number === 2,
  measuredAt: (number) => T0 + number,
}
const stored = (value: number, t = T0 + value, more: Partial<Stored> = {}): Stored[] =>
  SPOKEN.map((metric) => ({ house: 'h1', device: 'd1', metric, t, value, ...more }))
const compared = (rows: Stored[]) => {
  const { examples: _, ...counts } = compare([device as Device], rows)
  return counts
}

// Each moment is two readings.
const well = { acknowledged: 6, matched: 4, lost: 0, duplicated: 0, unexpected: 0, refused: 2, misdated: 0 }

it.each([
  ['all that was acknowledged, and what was refused by rule is not', [stored(0), stored(1)], {}],
  [
    'one that was refused and is there all the same',
    [stored(0), stored(1), stored(2)],
    { matched: 6, refused: 0 },
  ],
  ['one that was not acknowledged', [stored(0), stored(1), stored(3)], {}],
  ['not one that was acknowledged', [stored(0)], { matched: 2, lost: 2 }],
  ['one twice, under two times', [stored(0), stored(1), stored(1, T0 + 50)], { matched: 2, duplicated: 2 }],
  ['one of another time', [stored(0), stored(1, T0 + 60_000)], { misdated: 2 }],
  ['one never said', [stored(0), stored(1), stored(9)], { unexpected: 2 }],
  ['one of another house', [stored(0), stored(1), stored(1, T0, { house: 'h2' })], { unexpected: 2 }],
  ['a value between two', [stored(0), stored(1), stored(0.5)], { unexpected: 2 }],
])('the store holds %s', (_, rows, difference) => {
  expect(compared(rows.flat())).toEqual({ ...well, ...difference })
})
