/** Broilers eat by light: 23 hours of it in the first week, then 18, with the dark in one piece. */
type Program = { onHour: number; offHour: number }
const chickProgram: Program = { onHour: 0, offHour: 23 }
const growerProgram: Program = { onHour: 5, offHour: 23 }
const CHICK_DAYS = 7

/** A dimmer takes this long, hours. */
const DIMMING = 0.25
/** Share of their daylight pace at which birds still eat and move in the dark. */
const DARK_PACE = 0.04

export type Light = {
  /** 0 dark … 1 full. */
  level: number
  /** Pace of eating and drinking at this hour; its mean over the day is 1. */
  appetite: number
  lux: number
}

const BINS = 24 * 12

/** Pace of eating by 5-minute bin: hungry when the lights come on, once more before they go off. */
function paceCurve(program: Program): number[] {
  const paces = Array.from({ length: BINS }, (_, bin) => {
    const hour = (bin + 0.5) / 12
    const afterOn = program.onHour === 0 ? 0 : 0.5 * Math.exp(-(((hour - program.onHour - 0.75) / 1.2) ** 2))
    const beforeOff = 0.35 * Math.exp(-(((hour - program.offHour + 1.5) / 1.2) ** 2))
    return DARK_PACE + levelAt(program, hour) * (1 + afterOn + beforeOff - DARK_PACE)
  })
  const mean = paces.reduce((sum, pace) => sum + pace, 0) / BINS
  return paces.map((pace) => pace / mean)
}
const chickPaces = paceCurve(chickProgram)
const growerPaces = paceCurve(growerProgram)

/** What the lamps do at this age and local hour, and how hungry that makes the birds. */
export function lightAt(ageDays: number, hour: number): Light {
  const isChick = ageDays < CHICK_DAYS
  const program = isChick ? chickProgram : growerProgram
  const paces = isChick ? chickPaces : growerPaces
  const position = hour * 12 - 0.5
  const left = Math.floor(position)
  const from = paces[(left + BINS) % BINS] ?? 1
  const to = paces[(left + 1) % BINS] ?? 1
  const level = levelAt(program, hour)
  return { level, appetite: from + (to - from) * (position - left), lux: level * (isChick ? 35 : 22) }
}

function levelAt({ onHour, offHour }: Program, hour: number): number {
  const up = onHour === 0 ? 1 : (hour - onHour) / DIMMING
  const down = (offHour - hour) / DIMMING
  return Math.min(1, Math.max(0, Math.min(up, down)))
}
