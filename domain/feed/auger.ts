import { MINUTE } from '../time.ts'

/** An auger whose run time is known: kilograms by a rate that was measured once with a bucket and a scale. */
export type Auger = { isOn: boolean; lastT: number; carriedKg: number }

/** A running auger says so every minute. One that has not for this long is not known to run. */
const LONGEST_STEP_MS = 5 * MINUTE

export const newAuger = (t: number, isOn: boolean): Auger => ({ isOn, lastT: t, carriedKg: 0 })

/** `kgPerMinute` is the calibrated rate. */
export function runAuger(auger: Auger, t: number, isOn: boolean, kgPerMinute: number): Auger {
  if (t <= auger.lastT) return auger
  const ranMs = auger.isOn ? Math.min(t - auger.lastT, LONGEST_STEP_MS) : 0
  return { isOn, lastT: t, carriedKg: auger.carriedKg + (ranMs / MINUTE) * kgPerMinute }
}

/** The same auger by a clock that is ahead by so much. */
export const shiftAuger = (auger: Auger, byMs: number): Auger => ({ ...auger, lastT: auger.lastT + byMs })

/** What one run into a bucket says about the rate. Undefined where it says nothing. */
export function augerRate(kg: number, ranMs: number): number | undefined {
  return kg > 0 && ranMs > 0 ? kg / (ranMs / MINUTE) : undefined
}
