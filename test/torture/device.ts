import { connect, type MqttClient } from 'mqtt'
import type { MetricId } from '#domain/metrics.ts'
import { MAX_AHEAD_MS } from '#domain/time.ts'
import { topicFor } from '#domain/topics.ts'
import type { MovableClock } from './clock.ts'
import { between, type Random } from './random.ts'

/** What a device says of each moment. Both count up to a thousand million: the value is the moment's number. */
export const SPOKEN = ['water.volume', 'power.energy'] as const satisfies MetricId[]

/** A simulated device, and its own record of what it said and what was acknowledged. Numbers count from 0. */
export type Device = {
  house: string
  id: string
  /** Numbers given so far. */
  said(): number
  isAcknowledged(number: number): boolean
  /**
   * It was acknowledged when its time was ahead of the box's clock by more than a reading may be: the edge refuses
   * such a reading, and acknowledges that too (docs/integrator/mqtt.md).
   */
  mayBeRefused(number: number): boolean
  /** When it was measured, by a clock that is right, UTC ms. */
  measuredAt(number: number): number
  /** Resets its connection with messages under way. */
  cut(): void
  /** Says nothing new, and resolves when all is acknowledged, or after `withinMs`. */
  finish(withinMs: number): Promise<void>
  close(): Promise<void>
}

export type DeviceOptions = {
  house: string
  id: string
  mqttPort: number
  token: string
  random: Random
  /** Of its box, undefined where it is always right: a bridge stamps by the clock of the machine it runs on. */
  clock: Pick<MovableClock, 'error' | 'lowestError'> | undefined
}

type Moment = { number: number; t: number }

const PACE_MS = 40
/** A device does not hoard what the edge does not take. */
const MAX_UNACKNOWLEDGED = 400
const DAY_MS = 86_400_000
const ANSWER_MS = 3000

export function startDevice({ house, id, mqttPort, token, random, clock }: DeviceOptions): Device {
  const client: MqttClient = connect(`mqtt://127.0.0.1:${mqttPort}`, {
    clientId: id,
    username: 'bridge',
    password: token,
    reconnectPeriod: 100,
    connectTimeout: 2000,
  })
  client.on('error', () => {})
  const topic = topicFor(house, id, 'readings')
  const measuredAt: number[] = []
  const acknowledged = new Set<number>()
  const refused = new Set<number>()
  /** A reading is its series and its time: no device gives one time to two of them. */
  const taken = new Set<number>()
  const again: Moment[][] = []
  let waiting = 0
  let lastT = 0
  let isGoing = true

  const moment = (measured: number): Moment => {
    const error = clock?.error() ?? 0
    let at = measured
    while (taken.has(at) || taken.has(at + error)) at++
    taken.add(at).add(at + error)
    measuredAt.push(at)
    return { number: measuredAt.length - 1, t: at + error }
  }
  const publish = (moments: Moment[]) => {
    waiting++
    const samples = moments.map(({ number, t }) => ({
      t,
      values: Object.fromEntries(SPOKEN.map((metric) => [metric, number])),
    }))
    const payload = JSON.stringify(samples.length === 1 ? samples[0] : samples)
    client.publish(topic, payload, { qos: 1 }, (error) => {
      waiting--
      if (error) return
      // An acknowledgement is read here a while after it was given, and the clock may have been set right since.
      const latest = Date.now() + (clock?.lowestError(ANSWER_MS) ?? 0) + MAX_AHEAD_MS / 2
      for (const { number, t } of moments) {
        acknowledged.add(number)
        if (t > latest) refused.add(number)
      }
      if (random() < 0.04) again.push(moments)
    })
  }
  const sayNew = () => {
    if (random() > 0.01) {
      lastT = Math.max(lastT + 1, Date.now())
      publish([moment(lastT)])
      return
    }
    // A backlog of a logger that was away: oldest first.
    const from = Date.now() - between(random, 60_000, 20 * DAY_MS)
    publish(Array.from({ length: between(random, 5, 60) }, (_, i) => moment(from + i * 1000)))
  }
  const loop = async () => {
    while (isGoing) {
      if (waiting < MAX_UNACKNOWLEDGED) sayNew()
      const repeated = random() < 0.1 ? again.shift() : undefined
      if (repeated) publish(repeated)
      await new Promise((resolve) => setTimeout(resolve, PACE_MS * (0.5 + random())))
    }
  }
  const looping = loop()

  return {
    house,
    id,
    said: () => measuredAt.length,
    isAcknowledged: (number) => acknowledged.has(number),
    mayBeRefused: (number) => refused.has(number),
    measuredAt: (number) => measuredAt[number] as number,
    cut: () => client.stream.destroy(),
    async finish(withinMs) {
      isGoing = false
      await looping
      for (const repeated of again.splice(0)) publish(repeated)
      const deadline = Date.now() + withinMs
      while (waiting > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
    },
    close: async () => {
      isGoing = false
      await client.endAsync(true)
    },
  }
}
