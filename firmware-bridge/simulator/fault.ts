import { type Static, Type } from 'typebox'

/** What can go wrong in a house, by name: the same on the control server, in tests and in stories. */
export const faultTexts = {
  'fan-failure': 'all fans stand still',
  ammonia: 'ventilation stuck at half its minimum, NH3 passes 35 ppm within two minutes',
  'stuck-sensor': 'the louver shield repeats its last values',
  'sick-birds': 'half of the birds warm, huddled, drinking less',
  'power-cut': 'mains off: fans, lamps and pump stop',
  'noisy-line': 'bits flip, bytes vanish and appear on the serial lines',
  'silent-line': 'the serial lines stay open and say nothing',
  'cut-line': 'the connections of the serial lines are closed, new ones refused',
  'silent-slave': 'one device on the Modbus bus does not answer',
} as const

export type Fault = keyof typeof faultTexts
export const faults = Object.keys(faultTexts) as Fault[]

export const lines = ['bus', 'scale', 'thermal'] as const
export type Line = (typeof lines)[number]

/** Switches one fault. `line` narrows a line's fault to one line; `unit` says which Modbus device is silent. */
export const FaultSwitch = Type.Object(
  {
    house: Type.String(),
    fault: Type.Enum(faults),
    on: Type.Boolean(),
    line: Type.Optional(Type.Enum(lines)),
    unit: Type.Optional(Type.Integer({ minimum: 1, maximum: 247 })),
  },
  { additionalProperties: false },
)
export type FaultSwitch = Static<typeof FaultSwitch>

/** Those that change the house; the rest change its lines. */
export const houseFaults = ['fan-failure', 'ammonia', 'stuck-sensor', 'sick-birds', 'power-cut'] as const
export type HouseFault = (typeof houseFaults)[number]

export function isHouseFault(fault: Fault): fault is HouseFault {
  return houseFaults.some((candidate) => candidate === fault)
}
