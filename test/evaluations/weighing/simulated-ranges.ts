// What the simulated scales and flocks of `npm run eval -- weigh --simulated` are drawn from: uniform between two
// ends, each house anew. Written before the weighing was tuned, and not changed to suit it. Seeds from `seeds.tuning` on
// may be looked at while working on the weighing; the figure is drawn from `seeds.figure` on alone.

type Range = readonly [min: number, max: number]

export const seeds = { tuning: 1, figure: 1_000_003 } as const

export const simulatedRanges = {
  platform: {
    /** One of these for each house; ten is what most indicators send. */
    samplesPerSecond: [5, 10, 10, 10, 20, 40, 80],
    /** A plate on its load cell with a bird on top rings when something lands. */
    resonanceHz: [2, 12],
    damping: [0.04, 0.25],
    landingShare: [0.3, 1.2],
    noiseG: [0.3, 4],
    /** Resolution of the indicator, g. */
    incrementG: [0.1, 2],
    driftGPerHour: [-4, 4],
    litterGPerVisit: [0, 1.5],
    litterLimitG: [20, 80],
    /** How true the scale is after its calibration. */
    gainErrorShare: [-0.003, 0.003],
    kicksPerDay: [0, 3],
    kickG: [-60, 60],
    spikesPerHour: [0, 10],
  },
  visits: {
    perDay: [150, 900],
    /** Birds that live near enough to the scale to visit it. */
    birdsInReach: [150, 1500],
    stayS: [3, 15],
    /** Share of visitors that sit down and sleep, for minutes to hours. */
    sleepShare: [0.001, 0.01],
    sleepMinutes: [5, 90],
    /** Another bird joins, per second that the scale is taken. */
    joinPerSecond: [0.01, 0.06],
    /** Two land in the same moment. */
    pairShare: [0, 0.04],
    /** It hops off and at once on again. */
    hopAgainShare: [0.05, 0.25],
    /** Only part of the bird is on the plate, for the whole visit. */
    partlyShare: [0.02, 0.1],
    partlyLoad: [0.3, 0.97],
    standingShare: [0.002, 0.008],
    flapsPerSecond: [0.01, 0.08],
    flapShare: [0.05, 0.2],
    flapS: [0.3, 1.5],
    /**
     * Visiting rate ∝ exp(−bias · z), z the bird's weight in standard deviations from the mean: light birds step
     * on more often (MS Schippers), heavy ones less from week five on (Chedad 2003). Early until day 28, then
     * straight to late at day 49.
     */
    earlyBias: [0, 0.12],
    lateBias: [0.1, 0.35],
    /** Spread of the birds' own liking for scales, as the sd of its logarithm. */
    likingSd: [0.2, 0.7],
  },
  flock: {
    ageDays: [3, 49],
    cvPercentWithinSex: [6, 11],
    /** One house in four holds one sex alone. */
    oneSexShare: 0.25,
    maleShare: [0.35, 0.65],
    /** Weight of a male over that of a female at day 35 less 1; grows with age. */
    sexGap: [0.1, 0.16],
    asymptoteShare: [-0.08, 0.08],
    rateShare: [-0.06, 0.06],
    /** Gut and crop: weight swings through the day by this share to each side. */
    daySwingShare: [0.003, 0.015],
    lightHours: [16, 22],
    setBackShare: 0.4,
    setBackDay: [5, 21],
    setBackLostDays: [0.5, 2],
    /** Reported apart. */
    lateSetBackShare: 0.15,
    lateSetBackDay: [22, 32],
    marketG: [2000, 2800],
  },
} as const satisfies Record<string, Record<string, Range | number | readonly number[]>>
