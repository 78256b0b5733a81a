import { between, type Random, shuffle } from './random.ts'

/** What happens to one upload on its way from an edge to the cloud; faulty-line.ts does it. */
export const lineFaults = {
  'cut in mid-request': 'the cloud gets half of an upload',
  'cut in mid-answer': 'stored, and the edge gets half of the answer',
  'answer dropped': 'stored, and the edge hears nothing of it',
  delayed: 'arrives up to 2 s later',
  duplicated: 'the whole upload arrives two or three times',
  reordered: 'cut off, and arrives after later ones',
  corrupted: 'a few bytes of the upload are others',
  'answer 500': 'an error, whether it was stored or not',
  'answer 429': 'asked to come later, whether it was stored or not',
  'answer HTML': 'a page of something in between',
  'answer garbage': 'an answer that is none of ours',
  'no answer': 'the line stays open and silent',
} as const
export type LineFault = keyof typeof lineFaults

/** What happens to a process, a disk, a clock or a whole line; round.ts does it. */
export const farmFaults = {
  'edge killed': 'kill -9 at any moment, also in mid-start',
  'edge power cut': 'kill -9, and what was not synced is torn or gone',
  'edge disk full': 'not one byte left for 1 to 3 s',
  'cloud killed': 'kill -9',
  'cloud power cut': 'kill -9, and what was not synced is torn or gone',
  'cloud away': 'killed, and back after 8 to 20 s',
  'database killed': 'kill -9 of InfluxDB, away for up to 2 s',
  'line down': 'every connection of an edge reset, none taken for up to 3 s',
  'device cut': "a device's connection reset with messages under way",
  'clock to 2020': 'the box forgot its date, for up to 4 s',
  'clock a year ahead': 'for up to 4 s',
  'clock off by hours': 'to either side, for up to 4 s',
  'clock off by seconds': 'to either side, for up to 4 s',
} as const
export type FarmFault = keyof typeof farmFaults

export type FaultKind = LineFault | FarmFault
export const faultKinds = [...Object.keys(farmFaults), ...Object.keys(lineFaults)] as FaultKind[]

/** Per hundred faults of a farm. */
const shares: Record<FarmFault, number> = {
  'edge killed': 24,
  'edge power cut': 24,
  'edge disk full': 6,
  'cloud killed': 5,
  'cloud power cut': 5,
  'cloud away': 1,
  'database killed': 6,
  'line down': 8,
  'device cut': 6,
  'clock to 2020': 4,
  'clock a year ahead': 4,
  'clock off by hours': 4,
  'clock off by seconds': 4,
}

/** So many of all faults are the farm's: they take a second or two each, those of the line next to nothing. */
const FARM_SHARE = 0.4

export type Plan = { farm: FarmFault[]; line: { kinds: LineFault[]; count: number } }

/** Every possible kind of the farm's comes at least once; the order is the seed's. */
export function planFaults(random: Random, count: number, isPossible: (kind: FaultKind) => boolean): Plan {
  const possible = (Object.keys(shares) as FarmFault[]).filter(isPossible)
  const kinds = (Object.keys(lineFaults) as LineFault[]).filter(isPossible)
  const whole = possible.reduce((sum, kind) => sum + shares[kind], 0)
  const wanted = kinds.length === 0 ? count : count * FARM_SHARE
  const farm = possible.flatMap((kind) =>
    Array.from({ length: Math.max(1, Math.round((wanted * shares[kind]) / whole)) }, () => kind),
  )
  shuffle(random, farm)
  return { farm, line: { kinds, count: kinds.length === 0 ? 0 : Math.max(0, count - farm.length) } }
}

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS
const YEAR_MS = 365 * 24 * HOUR_MS

/** By how much the clock of an edge is wrong, ms. */
export function clockError(random: Random, kind: FarmFault, now: number): number {
  const side = random() < 0.5 ? -1 : 1
  switch (kind) {
    case 'clock to 2020':
      return Date.UTC(2020, 5, 1) + between(random, 0, HOUR_MS) - now
    case 'clock a year ahead':
      return YEAR_MS + between(random, 0, HOUR_MS)
    case 'clock off by hours':
      return side * between(random, HOUR_MS, 20 * HOUR_MS)
    case 'clock off by seconds':
      return side * between(random, 2 * SECOND_MS, 100 * SECOND_MS)
    default:
      throw new Error(`${kind} moves no clock`)
  }
}
