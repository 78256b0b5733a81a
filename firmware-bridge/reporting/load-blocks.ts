import type { LoadBlock } from '#domain/block.ts'
import { SECOND } from '#domain/time.ts'

const MAX_SAMPLES = 100
/** The least that a step can be; samples that came in one chunk have no time between them. */
const LEAST_STEP_MS = 1

/** `t` is UTC ms for the block, `atMs` a clock that never jumps, for the step. */
export type LoadAt = { t: number; atMs: number; grams: number }

/**
 * Gathers samples into blocks of at most one second. An indicator sends at a steady pace that only its own
 * clock knows, and the operating system hands its bytes over in clumps: the step is the time from one
 * block's first sample to the next one's, shared out evenly.
 */
export type LoadBlocks = {
  add(sample: LoadAt): LoadBlock | undefined
  /** What has been gathered when the line ends. */
  flush(): LoadBlock | undefined
}

export function createLoadBlocks(): LoadBlocks {
  let samples: LoadAt[] = []

  function close(next?: LoadAt): LoadBlock | undefined {
    const [first] = samples
    const last = samples.at(-1)
    if (!first || !last) return undefined
    const between = samples.length > 1 ? (last.atMs - first.atMs) / (samples.length - 1) : SECOND
    const toNext = next ? (next.atMs - first.atMs) / samples.length : between
    // After a pause of the line the next sample says nothing about the pace.
    const stepMs = samples.length > 1 && toNext > 2 * between ? between : Math.min(toNext, SECOND)
    const block = {
      t: first.t,
      stepMs: Math.max(LEAST_STEP_MS, stepMs),
      grams: samples.map(({ grams }) => grams),
    }
    samples = []
    return block
  }

  return {
    add(sample) {
      const first = samples[0]
      const full = first && (sample.atMs - first.atMs >= SECOND || samples.length >= MAX_SAMPLES)
      const block = full ? close(sample) : undefined
      samples.push(sample)
      return block
    },
    flush: () => close(),
  }
}
