import { type Device, SPOKEN } from './device.ts'
import type { Stored } from './readings-of.ts'

/** The devices' record against the store, in readings. */
export type Comparison = {
  /** What was acknowledged to a device: it is among these or refused, or else lost. */
  acknowledged: number
  /** Acknowledged, and there exactly once. */
  matched: number
  lost: number
  /** How often one was there beyond the first time. */
  duplicated: number
  /** In the store, and said by no device. */
  unexpected: number
  /** Not there, and refused by a documented rule: `mayBeRefused` in device.ts. */
  refused: number
  /** There with a time more than 5 s from when it was measured. */
  misdated: number
  /** Some of those that are wrong. */
  examples: string[]
}

const MISDATED_MS = 5_000
const MAX_EXAMPLES = 12

/**
 * A reading is found by its device, its metric and its value, which is its number: so one whose time was
 * corrected on the way is still the same reading, and must be there once.
 */
export function compare(devices: readonly Device[], stored: readonly Stored[]): Comparison {
  /** Series → number → the times at which it is stored. */
  const found = new Map<string, Map<number, number[]>>()
  for (const { house, id } of devices)
    for (const metric of SPOKEN) found.set(`${house} ${id} ${metric}`, new Map())
  const result: Comparison = {
    ...{ acknowledged: 0, matched: 0, lost: 0, duplicated: 0, unexpected: 0, refused: 0, misdated: 0 },
    examples: [],
  }
  const example = (text: string) => {
    if (result.examples.length < MAX_EXAMPLES) result.examples.push(text)
  }
  const said = new Map(devices.map((device) => [`${device.house} ${device.id}`, device.said()]))

  for (const { house, device, metric, t, value } of stored) {
    const numbers = found.get(`${house} ${device} ${metric}`)
    const isSaid = Number.isInteger(value) && value >= 0 && value < (said.get(`${house} ${device}`) ?? 0)
    if (!numbers || !isSaid) {
      result.unexpected++
      example(`unexpected: ${house} ${device} ${metric} ${value} at ${iso(t)}`)
      continue
    }
    const known = numbers.get(value)
    if (known) known.push(t)
    else numbers.set(value, [t])
  }

  for (const device of devices) {
    for (const metric of SPOKEN) {
      const name = `${device.house} ${device.id} ${metric}`
      const numbers = found.get(name) as Map<number, number[]>
      for (let number = 0; number < device.said(); number++) {
        const at = numbers.get(number) ?? []
        const isAcknowledged = device.isAcknowledged(number)
        if (isAcknowledged) result.acknowledged++
        if (isAcknowledged && at.length === 1) result.matched++
        const measured = device.measuredAt(number)
        const which = `${name} ${number}, measured at ${iso(measured)}`
        if (at.length > 1) {
          result.duplicated += at.length - 1
          example(`${at.length} times: ${which}, stored at ${at.map(iso).join(' and ')}`)
        }
        if (isAcknowledged && at.length === 0) {
          if (device.mayBeRefused(number)) result.refused++
          else {
            result.lost++
            example(`lost: ${which}`)
          }
        }
        if (at.some((t) => Math.abs(t - measured) > MISDATED_MS)) result.misdated++
      }
    }
  }
  return result
}

const iso = (t: number) => (Math.abs(t) < 8.64e15 ? new Date(t).toISOString() : String(t))
