import type { Series } from '#domain/reading.ts'

/**
 * The readings table knows houses, and two farms may each have a `h1`: here a house is named `farm/house`.
 * An id holds no slash, so the two names come apart again.
 */
export function farmKey(farm: string, house: string): string {
  return `${farm}/${house}`
}

/** The series as its farm knows it. */
export function ofFarm(series: Series): Series {
  return { ...series, house: series.house.slice(series.house.indexOf('/') + 1) }
}
