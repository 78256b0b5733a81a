export type CalibrationMistake = 'no-difference' | 'saturated' | 'mass-too-small' | 'not-a-number'

/** What a converter shows at its stops (24 bit). */
const STOPS = [0x7fffff, -0x800000]
/** Less than this on a scale for birds calibrates its noise. */
const MIN_MASS_G = 200
/** In what the scale itself says, grams or counts. */
const MIN_DIFFERENCE = 100

/**
 * Two points: what the scale itself says empty, and with a known mass on it. Gives the grams that one of its units
 * stands for; negative where the cell hangs upside down, which is fine.
 */
export function calibrate(
  emptyLoad: number,
  massLoad: number,
  massG: number,
): { ok: true; gramsPerLoad: number } | { ok: false; mistake: CalibrationMistake } {
  if (![emptyLoad, massLoad, massG].every(Number.isFinite)) return { ok: false, mistake: 'not-a-number' }
  if (STOPS.includes(emptyLoad) || STOPS.includes(massLoad)) return { ok: false, mistake: 'saturated' }
  if (massG < MIN_MASS_G) return { ok: false, mistake: 'mass-too-small' }
  const difference = massLoad - emptyLoad
  if (Math.abs(difference) < MIN_DIFFERENCE) return { ok: false, mistake: 'no-difference' }
  return { ok: true, gramsPerLoad: massG / difference }
}

const MONTH_DAYS = 30
const ZERO_DRIFT_G = 200

export type CalibrationDue = 'monthly' | 'zero-drifted'

/** Whether a scale wants a person with a weight: after a month, or when its empty platform shows too much. */
export function calibrationDue(
  daysSince: number,
  zeroNowG: number,
  zeroThenG: number,
): CalibrationDue | undefined {
  if (Math.abs(zeroNowG - zeroThenG) > ZERO_DRIFT_G) return 'zero-drifted'
  return daysSince >= MONTH_DAYS ? 'monthly' : undefined
}

/** Farther from the others than chance allows, and by more than this share. */
const APART_ERRORS = 3.5
const APART_SHARE = 0.03

/**
 * The scale of a house that reads another weight than the rest do, with the share it is off by. Needs three: of two
 * that disagree nobody can say which is right.
 */
export function strayScale(
  scales: readonly { scale: string; meanG: number; low: number; high: number }[],
): { scale: string; share: number } | undefined {
  if (scales.length < 3) return undefined
  let worst: { scale: string; share: number; apart: number } | undefined
  for (const own of scales) {
    const others = scales.filter(({ scale }) => scale !== own.scale).map(({ meanG }) => meanG)
    others.sort((a, b) => a - b)
    const middle = ((others[(others.length - 1) >> 1] as number) + (others[others.length >> 1] as number)) / 2
    const error = Math.hypot(
      ...scales.map(({ low, high }) => (high - low) / 3.92 / Math.sqrt(scales.length / 2)),
    )
    const share = own.meanG / middle - 1
    const apart = Math.abs(own.meanG - middle) / error
    if (!worst || apart > worst.apart) worst = { scale: own.scale, share, apart }
  }
  return worst && worst.apart > APART_ERRORS && Math.abs(worst.share) > APART_SHARE
    ? { scale: worst.scale, share: worst.share }
    : undefined
}
