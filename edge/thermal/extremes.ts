import type { ThermalFrame } from '#domain/frame.ts'

/** °C. `isSupported`: coldest and hottest are more than single pixels. */
export type Extremes = { low: number; mean: number; high: number; isSupported: boolean }

/** A bird, a lamp or a draught fills more than one pixel; a damaged pixel stands alone. */
const NEIGHBOURS_NEEDED = 2
const NEAR_CENTI_C = 500

/**
 * Coldest and hottest pixel that at least two of their eight neighbours come near to (5 °C), and the mean of what
 * lies between: dead and hot pixels of a cheap array are left out. Where no pixel has such neighbours, the plain ones.
 */
export function findExtremes(frame: ThermalFrame): Extremes {
  const { centiC } = frame
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let index = 0; index < centiC.length; index++) {
    const value = centiC[index] as number
    if ((value < low || value > high) && hasSupport(frame, index)) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  const isSupported = low <= high
  if (!isSupported) {
    for (const value of centiC) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  let sum = 0
  let count = 0
  for (const value of centiC) {
    if (value < low || value > high) continue
    sum += value
    count++
  }
  return { low: low / 100, mean: sum / count / 100, high: high / 100, isSupported }
}

function hasSupport({ width, height, centiC }: ThermalFrame, index: number): boolean {
  const value = centiC[index] as number
  const x = index % width
  const y = (index - x) / width
  let near = 0
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      const other = row * width + column
      if (other === index || Math.abs((centiC[other] as number) - value) > NEAR_CENTI_C) continue
      if (++near === NEIGHBOURS_NEEDED) return true
    }
  }
  return false
}
