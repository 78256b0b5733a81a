import { type Static, Type } from 'typebox'
import { sexes } from '../flock.ts'
import { refusals, scaleFaults } from '../weighing/verdicts.ts'

/** A house's weighing on one day, as the page shows it and an invoice can be checked by. Masses in g, shares in %. */
const strict = { additionalProperties: false } as const
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })
const Instants = Type.Array(Type.Integer())

export const WeighingQuery = Type.Object(
  {
    /** The house's local day; today without it. */
    day: Type.Optional(Day),
    /** Live weight that the market wants. */
    marketG: Type.Optional(Type.Number({ minimum: 100, maximum: 15_000 })),
  },
  strict,
)
export type WeighingQuery = Static<typeof WeighingQuery>

export const WeighedDay = Type.Object(
  {
    /** Weights that stand behind it, and as how many different birds they count. */
    n: Type.Integer(),
    birds: Type.Integer(),
    meanG: Type.Number(),
    /** 95 % interval of the flock's mean. */
    low: Type.Number(),
    high: Type.Number(),
    sdG: Type.Number(),
    cvPercent: Type.Number(),
    u10Percent: Type.Number(),
    u15Percent: Type.Number(),
    /** Plain mean of the weights, before the corrections. */
    plainG: Type.Number(),
    /** What each correction added to the mean. */
    corrections: Type.Object(
      { timeOfDayG: Type.Number(), partlyOnG: Type.Number(), visitBiasG: Type.Number() },
      strict,
    ),
    histogram: Type.Object(
      { fromG: Type.Number(), widthG: Type.Number(), counts: Type.Array(Type.Integer()) },
      strict,
    ),
    /** Cocks and hens, where the weights tell them apart. */
    sexes: Nullable(
      Type.Object({ lightG: Type.Number(), heavyG: Type.Number(), heavyPercent: Type.Number() }, strict),
    ),
  },
  strict,
)
export type WeighedDay = Static<typeof WeighedDay>

/** Too few weights, or too few different birds, for a mean. */
export const NotEnough = Type.Object({ n: Type.Integer(), needed: Type.Integer() }, strict)
export type NotEnough = Static<typeof NotEnough>

/** `never`: its readings are taken as grams as they come. */
export const calibrationReasons = ['never', 'monthly', 'zero-drifted'] as const

export const NewCalibration = Type.Object(
  {
    /** Made by the sender, so that a repeat counts once. */
    id: Type.String({ format: 'uuid' }),
    device: Type.String({ minLength: 1, maxLength: 64 }),
    /** What the scale itself said, before any calibration: empty, and with the mass on it. */
    emptyLoad: Type.Number(),
    massLoad: Type.Number(),
    massG: Type.Number(),
    /** When the mass stood on it, UTC ms. */
    at: Type.Integer({ minimum: 0, maximum: 8.64e15 }),
  },
  strict,
)
export type NewCalibration = Static<typeof NewCalibration>

export const CalibrationView = Type.Evaluate(
  Type.Intersect([
    NewCalibration,
    Type.Object({
      by: Type.String(),
      receivedAt: Type.Integer(),
      /** grams = (load − emptyLoad) · gramsPerLoad */
      gramsPerLoad: Type.Number(),
    }),
  ]),
)
export type CalibrationView = Static<typeof CalibrationView>

export const ScaleDay = Type.Object(
  {
    device: Type.String(),
    mean: Nullable(WeighedDay),
    notEnough: Nullable(NotEnough),
    /** Weights of single birds that count. */
    taken: Type.Object({ t: Instants, grams: Type.Array(Type.Number()) }, strict),
    refused: Type.Array(
      Type.Object({ reason: Type.Enum(refusals), t: Instants, grams: Type.Array(Type.Number()) }, strict),
    ),
    faults: Type.Array(Type.Object({ fault: Type.Enum(scaleFaults), t: Instants }, strict)),
    calibration: Nullable(CalibrationView),
    calibrationDue: Nullable(Type.Enum(calibrationReasons)),
    /** What the empty scale shows now, against its calibration; null when the edge has not said it. */
    zeroG: Nullable(Type.Number()),
    /** Against the other scales of the house, %; null while it agrees with them. */
    strayPercent: Nullable(Type.Number()),
  },
  strict,
)
export type ScaleDay = Static<typeof ScaleDay>

const AheadDay = Type.Object(
  {
    day: Day,
    ageDays: Type.Number(),
    meanG: Type.Number(),
    low: Type.Number(),
    high: Type.Number(),
  },
  strict,
)

export const WeighingView = Type.Object(
  {
    day: Day,
    /** The day's first and last ms, UTC. */
    from: Type.Integer(),
    to: Type.Integer(),
    ageDays: Nullable(Type.Integer()),
    scales: Type.Array(ScaleDay),
    /** All scales that agree, together. */
    house: Nullable(WeighedDay),
    notEnough: Nullable(NotEnough),
    /** Birds that a person weighed that day, and what comes of both. */
    hand: Nullable(
      Type.Object(
        {
          birds: Type.Integer(),
          meanG: Type.Number(),
          merged: Nullable(
            Type.Object(
              {
                meanG: Type.Number(),
                low: Type.Number(),
                high: Type.Number(),
                handPercent: Type.Number(),
                disagree: Type.Boolean(),
              },
              strict,
            ),
          ),
        },
        strict,
      ),
    ),
    /** Means of the days since placement, this one included. */
    days: Type.Array(Type.Object({ day: Day, ageDays: Type.Integer(), meanG: Type.Number() }, strict)),
    /** Over the day before. */
    gainG: Nullable(Type.Number()),
    breed: Nullable(
      Type.Object(
        {
          sex: Type.Enum(sexes),
          deviationPercent: Type.Number(),
          weightAgeDays: Nullable(Type.Number()),
        },
        strict,
      ),
    ),
    /** Days by which the flock seems older than its record says (negative: younger); null where that is believable. */
    placementDoubtDays: Nullable(Type.Number()),
    market: Nullable(
      Type.Object(
        { marketG: Type.Number(), ageDays: Type.Number(), low: Type.Number(), high: Type.Number(), day: Day },
        strict,
      ),
    ),
    /** What the flock will weigh on the days to come. */
    ahead: Type.Array(AheadDay),
    performance: Nullable(
      Type.Object({ feedKg: Type.Number(), feedConversion: Type.Number(), epef: Type.Number() }, strict),
    ),
  },
  strict,
)
export type WeighingView = Static<typeof WeighingView>
