import { type BookEntry, balance, type NewFlock, standingEntries } from '#domain/flock.ts'
import { dayNumber, localDay } from '#domain/time.ts'

/** A phone ahead of its house's midnight, or with a wrong clock: a day is forgiven. */
const DAYS_AHEAD = 1
const EARLIEST_DAY = '2000-01-01'

/** The house's side of the check: its zone, and UTC ms now. */
type Moment = { timeZone: string; now: number }

/** What speaks against a flock as it was written, as a sentence; undefined when nothing does. */
export function flockMistake(
  flock: NewFlock,
  moment: Moment,
  isBreed: (id: string) => boolean,
): string | undefined {
  if (!isBreed(flock.breed))
    return `there is no breed standard "${flock.breed}"; write custom for your own curve`
  return dayMistake('placedOn', flock.placedOn, EARLIEST_DAY, moment)
}

/** What speaks against one more entry in a flock's books, as a sentence; undefined when nothing does. */
export function entryMistake(
  flock: NewFlock,
  entries: readonly BookEntry[],
  entry: BookEntry,
  moment: Moment,
): string | undefined {
  return (
    dayMistake('day', entry.day, flock.placedOn, moment) ??
    replacementMistake(entries, entry) ??
    headCountMistake(flock, entries, entry)
  )
}

function dayMistake(
  name: string,
  day: string,
  earliest: string,
  { timeZone, now }: Moment,
): string | undefined {
  if (!isCalendarDay(day)) return `${name} ${day} is not a day of the calendar`
  if (day < earliest) return `${name} ${day} is before ${earliest}`
  const today = localDay(now, timeZone)
  if (dayNumber(day) > dayNumber(today) + DAYS_AHEAD)
    return `${name} ${day} is in the future; today is ${today}`
  return undefined
}

/** An entry is replaced once: two corrections of one entry would count twice. */
function replacementMistake(entries: readonly BookEntry[], entry: BookEntry): string | undefined {
  const { kind, replaces } = entry
  if (replaces === undefined) {
    return kind === 'withdrawn'
      ? 'an entry that withdraws must name the one it takes back in replaces'
      : undefined
  }
  if (!entries.some(({ id }) => id === replaces))
    return `replaces names ${replaces}, which is not in these books`
  const later = entries.find((other) => other.replaces === replaces)
  return later && `entry ${replaces} was already put right by ${later.id}; replace that one`
}

function headCountMistake(
  { placed }: NewFlock,
  entries: readonly BookEntry[],
  entry: BookEntry,
): string | undefined {
  const { present } = balance(placed, [...entries, entry])
  if (present >= 0) return undefined
  const without = balance(
    placed,
    standingEntries(entries).filter(({ id }) => id !== entry.replaces),
  )
  return `the books have ${without.present} birds present; this entry would leave ${present}`
}

/** True for `YYYY-MM-DD` of a day that exists. */
export function isCalendarDay(day: string): boolean {
  const t = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(t) && new Date(t).toISOString().startsWith(day)
}
