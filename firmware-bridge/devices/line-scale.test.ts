import { expect, it } from 'vitest'
import type { LinePattern } from '#domain/config.ts'
import { lineScale } from './line-scale.ts'

const read = (line: LinePattern, text: string) => {
  const framer = (
    lineScale.configured?.({ id: 's', house: 'h', model: 'line-scale', line }) ?? lineScale
  ).createFramer()
  return framer
    .push(new TextEncoder().encode(`\n${text}\n`))
    .flatMap((event) => (event.kind === 'frame' ? [event.frame.grams] : []))
}

it.each([
  ['12.3', 12.3],
  ['weight: 12.3 g', 12.3],
  ['Reading: 0.123 kg', 123],
  ['load = -4 lb', -1814.4],
])('reads what common sketches print: %s', (text, grams) => {
  expect(read({}, text)).toEqual([grams])
})

it('takes the configured unit where the line has none, and passes over a unit that is no weight', () => {
  const line = { pattern: '(?<value>\\d+)(?<unit>[a-z]+)?', unit: 'kg' } as const
  expect(read(line, '2\n3g\n5v')).toEqual([2000, 3])
})

it('turns raw counts into grams, and knows a converter at its ends for a fault', () => {
  const line = { pattern: '\\d+,(?<value>-?\\d+)', zero: 84_213, countsPerGram: 21.4 }
  expect(read(line, '1,84213\n2,105613\n3,8388607\n4,-8388608')).toEqual([0, 1000, undefined, undefined])
})
