import { Value } from 'typebox/value'
import { expect, it } from 'vitest'
import { LoadBlock } from '#domain/block.ts'
import { createLoadBlocks } from './load-blocks.ts'

const T = Date.UTC(2026, 4, 1)

/** Blocks of samples that arrive at these times, the last one flushed. */
function blocksOf(times: number[]): LoadBlock[] {
  const blocks = createLoadBlocks()
  const closed = times.map((atMs, index) => blocks.add({ t: T + atMs, atMs: 5 + atMs, grams: index }))
  return [...closed, blocks.flush()].filter((block) => block !== undefined)
}

it('holds one second of samples at their own pace', () => {
  const blocks = blocksOf(Array.from({ length: 25 }, (_, index) => index * 100))
  expect(blocks.map(({ t, stepMs, grams }) => [t - T, stepMs, grams.length])).toEqual([
    [0, 100, 10],
    [1000, 100, 10],
    [2000, 100, 5],
  ])
  expect(blocks.flatMap(({ grams }) => grams)).toEqual(Array.from({ length: 25 }, (_, index) => index))
})

it('finds the pace when samples come in clumps', () => {
  const clumps = Array.from({ length: 60 }, (_, index) => Math.floor(index / 5) * 250)
  for (const { stepMs } of blocksOf(clumps).slice(0, -1)) expect(stepMs).toBe(50)
})

it('does not stretch over a pause', () => {
  const [before] = blocksOf([0, 100, 200, 300, 30_000, 30_100])
  expect(before).toEqual({ t: T, stepMs: 100, grams: [0, 1, 2, 3] })
})

it.each([
  ['one sample', [0]],
  ['one sample before a pause', [0, 50_000]],
  ['all in one chunk', [0, 0, 0]],
  ['a flood', Array.from({ length: 1000 }, () => 0)],
  ['slow', [0, 1500, 3000]],
])('makes blocks that keep to the schema: %s', (_, times) => {
  const blocks = blocksOf(times)
  expect(blocks.flatMap(({ grams }) => grams)).toHaveLength(times.length)
  for (const block of blocks) expect(Value.Check(LoadBlock, block)).toBe(true)
})

it('has nothing to flush when nothing came', () => {
  expect(createLoadBlocks().flush()).toBeUndefined()
})
