/**
 * What a scale itself says at this moment, for the person who stands before it with a mass: the mean of the last
 * seconds, and whether it stands still.
 */
export type LoadWatch = {
  /** A block: UTC ms of its first sample, and its samples as they came. */
  take(t: number, loads: readonly number[]): void
  /** Undefined before the first block. */
  now(): { t: number; load: number; isSteady: boolean } | undefined
}

const BLOCKS = 4
const MIN_SPAN_MS = 2_000
/** Standing still, in what the scale says: five grams, or half a percent where it says counts. */
const STILL = 5
const STILL_SHARE = 0.005

export function createLoadWatch(): LoadWatch {
  let blocks: { t: number; low: number; high: number; mean: number }[] = []
  return {
    take(t, loads) {
      let low = Number.POSITIVE_INFINITY
      let high = Number.NEGATIVE_INFINITY
      let sum = 0
      for (const load of loads) {
        low = Math.min(low, load)
        high = Math.max(high, load)
        sum += load
      }
      // One block at a time: a clock that stepped back would leave a span that never ends.
      blocks = blocks.filter((block) => block.t < t).slice(1 - BLOCKS)
      blocks.push({ t, low, high, mean: sum / loads.length })
    },
    now() {
      const first = blocks[0]
      const last = blocks.at(-1)
      if (!first || !last) return undefined
      const load = blocks.reduce((sum, { mean }) => sum + mean, 0) / blocks.length
      const range = Math.max(...blocks.map(({ high }) => high)) - Math.min(...blocks.map(({ low }) => low))
      const isSteady =
        last.t - first.t >= MIN_SPAN_MS && range <= Math.max(STILL, STILL_SHARE * Math.abs(load))
      return { t: last.t, load, isSteady }
    },
  }
}
