import { expect, it } from 'vitest'
import { createLineSpeed } from './line-speed.ts'

it.each([
  ['a fast line', 1000, 20_000],
  ['a line of 200 ms and some kB/s', 2, 10_000],
  ['a thin line', 0.5, 2_500],
  ['hardly a line', 0.01, 500],
])(
  'batches on %s take some five seconds, and not more than 20,000 readings',
  (_, readingsPerMs, expected) => {
    const line = createLineSpeed()
    for (let batch = 0; batch < 10; batch++) line.note(line.readings(), line.readings() / readingsPerMs)
    expect(line.readings()).toBe(expected)
  },
)

it('grows again when the line does', () => {
  const line = createLineSpeed()
  line.note(500, 60_000)
  expect(line.readings()).toBe(500)
  for (let batch = 0; batch < 3; batch++) line.note(line.readings(), 100)
  expect(line.readings()).toBe(20_000)
})
