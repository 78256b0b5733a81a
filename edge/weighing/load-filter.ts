/**
 * From raw samples to a steady stream that steps can be read from. Two stages, both of constant memory:
 *
 * ```
 *  samples ─▶ median over 100 ms (only above 15 Hz) ─▶ median of five (of three below 4 Hz) ─▶ load
 * ```
 *
 * A median takes out what lasts for one or two samples (a spike on the line, the peak of a wing-beat) and leaves
 * the edge of a step where it was, which a mean would smear.
 */
export type LoadFilter = {
  /** Milliseconds from one value that comes out to the next. */
  readonly stepMs: number
  /** Undefined until a value is ready. */
  take(grams: number): number | undefined
  reset(): void
}

const OUT_STEP_MS = 100
const MEDIAN_OF = 5
/** Slower than this, a median of five would swallow a short visit. */
const SLOW_STEP_MS = 250
const MEDIAN_OF_WHEN_SLOW = 3

/** `stepMs`: milliseconds between samples, 1,000 … 12.5 (1 … 80 Hz). */
export function createLoadFilter(stepMs: number): LoadFilter {
  const group = Math.max(1, Math.round(OUT_STEP_MS / stepMs))
  const waiting = new Float64Array(group)
  const size = stepMs > SLOW_STEP_MS ? MEDIAN_OF_WHEN_SLOW : MEDIAN_OF
  const last = new Float64Array(size)
  const sorted = new Float64Array(Math.max(size, group))
  let gathered = 0
  let seen = 0

  return {
    stepMs: stepMs * group,
    take(grams) {
      waiting[gathered++] = grams
      if (gathered < group) return undefined
      gathered = 0
      last[seen % size] = group === 1 ? grams : median(waiting, group, sorted)
      seen++
      return seen < size ? undefined : median(last, size, sorted)
    },
    reset() {
      gathered = 0
      seen = 0
    },
  }
}

/** Insertion sort into a scratch array: the fastest there is for so few values, and it makes no garbage. */
function median(values: Float64Array, count: number, sorted: Float64Array): number {
  for (let index = 0; index < count; index++) {
    const value = values[index] as number
    let place = index
    while (place > 0 && (sorted[place - 1] as number) > value) {
      sorted[place] = sorted[place - 1] as number
      place--
    }
    sorted[place] = value
  }
  const middle = count >> 1
  return count % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
