// How many scales at ten samples a second one core weighs for: the whole way from samples to accepted weights, on a
// platform that birds visit all the time, every scale at its own moment of the day.
import { createBirdScale } from '../../edge/weighing/bird-scale.ts'
import { createScalePlatform, SAMPLE_MS } from '../../firmware-bridge/simulator/model/scale-platform.ts'
import { createRandom } from '../../firmware-bridge/simulator/random.ts'
import type { Figure } from '../figures.ts'

const SCALES = 1_000
const SECONDS = 120
const SECONDS_FULL = 600
const RECORDED_SECONDS = 3_600
const BIRD_G = 1_600
const EPOCH = Date.UTC(2026, 0, 1)

export const weigh: Figure = {
  name: 'weigh',
  summary: 'scales at 10 samples a second that one core weighs for, samples to weights',
  keys: ['scalesPerCore'],
  run: async ({ full, say }) => {
    const perSecond = 1000 / SAMPLE_MS
    const load = recordHour(perSecond)
    const scales = Array.from({ length: SCALES }, () => createBirdScale({ stepMs: SAMPLE_MS }))
    const seconds = full ? SECONDS_FULL : SECONDS
    say(`${SCALES} scales, ${seconds} seconds of samples each`)
    let weights = 0
    const playSecond = (second: number) => {
      for (const [number, scale] of scales.entries()) {
        const start = (second + number * 37) * perSecond
        for (let index = 0; index < perSecond; index++) {
          const t = EPOCH + second * 1000 + index * SAMPLE_MS
          for (const event of scale.take(t, load[(start + index) % load.length] as number, BIRD_G)) {
            if (event.kind === 'weight') weights++
          }
        }
      }
    }
    // The first seconds are the compiler's.
    for (let second = 0; second < 10; second++) playSecond(second)
    weights = 0
    const before = process.cpuUsage()
    for (let second = 10; second < 10 + seconds; second++) playSecond(second)
    const { user, system } = process.cpuUsage(before)
    const cpuSeconds = (user + system) / 1e6
    return {
      scalesPerCore: Math.round((SCALES * seconds) / cpuSeconds),
      nanosecondsPerSample: (cpuSeconds * 1e9) / (SCALES * seconds * perSecond),
      weightsFound: weights,
      scaleSeconds: SCALES * seconds,
      n: SCALES * seconds * perSecond,
    }
  },
}

function recordHour(perSecond: number): Float64Array {
  const platform = createScalePlatform(createRandom(1, 'bench'))
  const samples = new Float64Array(RECORDED_SECONDS * perSecond)
  for (let index = 0; index < samples.length; index++) samples[index] = platform.sample(BIRD_G, 1)
  return samples
}
