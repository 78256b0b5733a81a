import type { Refusal, ScaleFault } from '#domain/weighing/verdicts.ts'
import { createBirdScale } from './bird-scale.ts'
import type { Recording } from './read-recording.ts'
import type { ScaleEvent } from './scale-event.ts'

type Weight = Extract<ScaleEvent, { kind: 'weight' }>

/** What a scale said on one day of a recording. */
export type RecordedDay = {
  day: string
  weights: Weight[]
  rejects: Partial<Record<Refusal, number>>
  faults: Partial<Record<ScaleFault, number>>
}

export type WeighOptions = {
  /** What a bird should weigh at this moment, g. */
  expectedG: (t: number) => number
  /** What the empty scale shows. Undefined: found out. */
  zeroG?: number
  type?: 'platform' | 'hanging'
}

/** Weighs a whole recording, day by day as its own clock says. Days without a sample are not listed. */
export function weighRecording({ samples, stepMs }: Recording, options: WeighOptions): RecordedDay[] {
  const { expectedG, zeroG, type } = options
  const scale = createBirdScale({ stepMs, ...(zeroG !== undefined && { zeroG }), ...(type && { type }) })
  const days = new Map<number, RecordedDay>()
  const dayOf = (t: number): RecordedDay => {
    const number = Math.floor(t / 86_400_000)
    let day = days.get(number)
    if (!day) {
      day = { day: new Date(t).toISOString().slice(0, 10), weights: [], rejects: {}, faults: {} }
      days.set(number, day)
    }
    return day
  }
  for (const { t, grams } of samples) {
    dayOf(t)
    for (const event of scale.take(t, grams, expectedG(t))) {
      const day = dayOf(event.t)
      if (event.kind === 'weight') day.weights.push(event)
      else if (event.kind === 'reject') day.rejects[event.reason] = (day.rejects[event.reason] ?? 0) + 1
      else day.faults[event.fault] = (day.faults[event.fault] ?? 0) + 1
    }
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
}

/** The mass of one thing that lies on a tared scale for most of a recording, g; undefined when nothing does. */
export function weighMass(samples: Recording['samples']): number | undefined {
  const sorted = samples
    .map(({ grams }) => grams)
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
  const high = sorted[Math.floor(0.95 * sorted.length)] ?? 0
  const loaded = sorted.filter((grams) => grams > high / 2)
  return high > 0 ? loaded[loaded.length >> 1] : undefined
}
