import { DAY, HOUR, MINUTE, SECOND } from '#domain/time.ts'

const units = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const

/** How far a time is after (below 0: before) another one, for the log: `3 hours after`, `2190 days before`. */
export function durationText(ms: number): string {
  const size = Math.abs(ms)
  const [name, unit] = units.find(([, each]) => size >= 2 * each) ?? units[3]
  const count = Math.round(size / unit)
  return `${count} ${name}${count === 1 ? '' : 's'} ${ms < 0 ? 'before' : 'after'}`
}
