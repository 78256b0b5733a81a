import { isWithin, type Range } from './valid-range.ts'

const weightRange: Range = [1, 30_000]
const cvRange: Range = [0, 100]
const bandRange: Range = [0.1, 50]

export type Uniformity = {
  birds: number
  meanG: number
  /** With n − 1. */
  sdG: number
  cvPercent: number
  /** Share of birds within ±10 % and ±15 % of the mean, limits included, %. */
  u10Percent: number
  u15Percent: number
}

/**
 * Uniformity of bird weights in g (each 1 … 30,000; two birds at least, else undefined, as for any
 * NaN). The trade asks for 100 birds before it believes the figure.
 * Standard definitions; confidence: recalled-high.
 */
export function uniformity(weightsG: readonly number[]): Uniformity | undefined {
  const birds = weightsG.length
  if (birds < 2 || !weightsG.every((weight) => isWithin(weight, weightRange))) return undefined
  const meanG = weightsG.reduce((sum, weight) => sum + weight, 0) / birds
  const squares = weightsG.reduce((sum, weight) => sum + (weight - meanG) ** 2, 0)
  const sdG = Math.sqrt(squares / (birds - 1))
  return {
    birds,
    meanG,
    sdG,
    cvPercent: (100 * sdG) / meanG,
    u10Percent: shareWithin(weightsG, meanG, 10),
    u15Percent: shareWithin(weightsG, meanG, 15),
  }
}

/**
 * Uniformity that a normal distribution of this CV % (0 … 100) has within ±`bandPercent` (0.1 … 50) of its
 * mean: 2Φ(band/CV) − 1, in %. Confidence: derived; CV 8 gives the published 79 (±10 %) and 94 (±15 %).
 */
export function normalUniformityPercent(cvPercent: number, bandPercent = 10): number | undefined {
  if (!isWithin(cvPercent, cvRange) || !isWithin(bandPercent, bandRange)) return undefined
  return cvPercent === 0 ? 100 : 100 * errorFunction(bandPercent / cvPercent / Math.SQRT2)
}

function shareWithin(weightsG: readonly number[], meanG: number, bandPercent: number): number {
  // Rounding of 1 − 0.1 must not push a bird at exactly −10 % out.
  const band = (meanG * bandPercent) / 100 + 1e-9 * meanG
  const inside = weightsG.filter((weight) => Math.abs(weight - meanG) <= band)
  return (100 * inside.length) / weightsG.length
}

/** erf(x) for x ≥ 0, within 1.5e-7: Abramowitz & Stegun 7.1.26. */
export function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * x)
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return 1 - series * Math.exp(-x * x)
}
