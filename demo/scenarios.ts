import type { WholeFarm } from './whole-farm.ts'

/**
 * A story that the page shows as it unfolds: steps in order, each with what a person at the page will see.
 * `wait` steps end early when what they wait for has come.
 */
export type Step =
  | { do: (farm: WholeFarm) => void | Promise<void>; say: string }
  | { until: (farm: WholeFarm) => Promise<boolean>; atMostS: number; say: string }
  | { waitS: number; say: string }

const openAlarm =
  (...rules: string[]) =>
  async (farm: WholeFarm) => {
    const alarms = await farm.client.alarms(farm.id)
    return alarms.some(({ rule, clearedAt, late }) => rules.includes(rule) && clearedAt === null && !late)
  }
const recovered =
  (...rules: string[]) =>
  async (farm: WholeFarm) =>
    !(await openAlarm(...rules)(farm))

export const scenarios = {
  'fan-failure': [
    { waitS: 8, say: 'All is well in both houses.' },
    { do: (farm) => farm.setFault('h1', 'fan-failure', true), say: 'House 1: all fans stop.' },
    {
      until: openAlarm('fan-stopped'),
      atMostS: 40,
      say: 'Wait for the siren and the alarm: the fan contact must be open for 10 s.',
    },
    {
      until: openAlarm('heat-rise', 'air-hot'),
      atMostS: 420,
      say: 'The air warms by the minute: watch the temperature on the page.',
    },
    {
      do: (farm) => farm.setFault('h1', 'fan-failure', false),
      say: 'The farmer has switched the fans back on.',
    },
    {
      until: recovered('fan-stopped', 'heat-rise', 'air-hot'),
      atMostS: 900,
      say: 'The house cools; each alarm closes when its reading has recovered.',
    },
  ],
  ammonia: [
    { waitS: 8, say: 'All is well in both houses.' },
    {
      do: (farm) => farm.setFault('h2', 'ammonia', true),
      say: 'House 2: wet litter and too little air; ammonia climbs.',
    },
    { until: openAlarm('nh3-limit'), atMostS: 420, say: 'Above 20 ppm for two minutes it is an alarm.' },
    { do: (farm) => farm.setFault('h2', 'ammonia', false), say: 'Ventilation is up again.' },
    { until: recovered('nh3-limit'), atMostS: 900, say: 'Ammonia falls; the alarm closes by itself.' },
  ],
  'line-cut': [
    { waitS: 8, say: 'All is well in both houses.' },
    {
      do: (farm) => farm.line.cut(),
      say: 'The line between farm and cloud is cut. The page says how old its values are.',
    },
    { waitS: 20, say: 'The edge goes on measuring and storing.' },
    {
      do: (farm) => farm.setFault('h1', 'fan-failure', true),
      say: 'Meanwhile the fans of house 1 stop: the siren in the house sounds without any line.',
    },
    {
      until: openAlarm('edge-silent'),
      atMostS: 260,
      say: 'After three minutes of silence the cloud raises an alarm about the silence itself.',
    },
    { do: (farm) => farm.line.mend(), say: 'The line is back.' },
    {
      until: openAlarm('fan-stopped'),
      atMostS: 90,
      say: 'What is still wrong is told at once, with its true beginning; the stored readings fill the charts.',
    },
    { do: (farm) => farm.setFault('h1', 'fan-failure', false), say: 'The fans run again.' },
    { until: recovered('fan-stopped', 'edge-silent'), atMostS: 600, say: 'Both alarms close.' },
  ],
  'noisy-serial': [
    { waitS: 8, say: 'All is well in both houses.' },
    {
      do: (farm) => farm.setFault('h1', 'noisy-line', true),
      say: 'House 1: a motor disturbs the serial lines; bits flip, bytes are lost.',
    },
    {
      waitS: 60,
      say: 'Values keep coming; the health page counts every frame that was thrown away, and why.',
    },
    { do: (farm) => farm.setFault('h1', 'noisy-line', false), say: 'The line is quiet again.' },
  ],
  'power-cut': [
    { waitS: 8, say: 'All is well in both houses.' },
    {
      do: async (farm) => {
        await farm.setFault('h1', 'power-cut', true)
        await farm.setFault('h2', 'power-cut', true)
      },
      say: 'Mains are gone in both houses: fans stop, the siren runs from its battery.',
    },
    { until: openAlarm('mains-lost'), atMostS: 60, say: 'The mains contact raises the first alarm.' },
    {
      do: (farm) => farm.cutPower(),
      say: 'The battery of the edge is empty too: it is killed in mid-work, with the bridge.',
    },
    {
      until: openAlarm('edge-silent'),
      atMostS: 260,
      say: 'The cloud notices the silence after three minutes.',
    },
    {
      do: async (farm) => {
        await farm.setFault('h1', 'power-cut', false)
        await farm.setFault('h2', 'power-cut', false)
        await farm.restorePower()
      },
      say: 'Power is back; the edge starts from its store.',
    },
    {
      until: recovered('edge-silent', 'mains-lost'),
      atMostS: 300,
      say: 'Nothing that was acknowledged is missing; the alarms close.',
    },
  ],
} as const satisfies Record<string, readonly Step[]>

export type ScenarioId = keyof typeof scenarios

export function isScenario(id: string): id is ScenarioId {
  return Object.hasOwn(scenarios, id)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Plays a story to its end, telling each step. */
export async function play(id: ScenarioId, farm: WholeFarm, tell: (text: string) => void): Promise<void> {
  const steps: readonly Step[] = scenarios[id]
  for (const step of steps) {
    tell(step.say)
    if ('do' in step) await step.do(farm)
    else if ('waitS' in step) await pause(step.waitS * 1000)
    else {
      const started = Date.now()
      let came = false
      while (!came && Date.now() - started < step.atMostS * 1000) {
        await pause(500)
        came = await step.until(farm).catch(() => false)
      }
      const seconds = Math.round((Date.now() - started) / 1000)
      tell(came ? `  … it came after ${seconds} s.` : `  … it did not come within ${step.atMostS} s.`)
    }
  }
  tell('The story is over; the farm goes on. Ctrl-C ends it.')
}
