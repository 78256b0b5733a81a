import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { type Clock, DAY, MINUTE, startOfLocalDay } from '#domain/time.ts'
import type { EdgeConnection } from '../reporting/edge-connection.ts'
import { type ControlServer, openControlServer } from './control-server.ts'
import { LOGGER_USER, type SimulatorPorts } from './farm-layout.ts'
import type { FaultSwitch } from './fault.ts'
import { type HistoryMessage, makeHistory, publishPaced } from './history.ts'
import { type LiveHouse, type LiveHouseState, openLiveHouse } from './live-house.ts'
import { createHouseModel, type NH3Episode, WEIGH_EVERY_MS } from './model/house-model.ts'
import { createWeather, spring, summer } from './model/weather.ts'
import type { HouseConfig, SimulatorConfig } from './simulator-config.ts'
import { type ConnectToEdge, createMqttDevices, logIn, type MqttDevices } from './wire/mqtt-devices.ts'

export type HistoryState = {
  phase: 'none' | 'publishing' | 'done'
  messages: number
  acknowledged: number
  samples: number
}
export type SimulatorState = {
  t: number
  houses: Record<string, LiveHouseState>
  mqtt: Record<string, { connected: boolean; published: number }>
  history: HistoryState
}

/** A farm of simulated houses on real sockets. */
export type Simulator = {
  ports: SimulatorPorts
  /** Undefined when it was done, else what was wrong with the wish. */
  setFault(change: FaultSwitch): Promise<string | undefined>
  state(): SimulatorState
  close(): Promise<void>
}

export type SimulatorOptions = SimulatorConfig & { clock: Clock; connectToEdge: ConnectToEdge }

const DEFAULT_HISTORY_DAYS = 21
const HISTORY_STEP_MS = 5 * MINUTE
const FINE_HISTORY_MS = DAY
const FINE_STEP_MS = MINUTE

/** Opens every port, then lets time pass. Rejects when a port that was asked for is taken. */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, seed, mqtt, connectToEdge } = options
  const now = clock.now()
  // Without a logger nobody would carry a history.
  const historyDays =
    mqtt?.users[LOGGER_USER] === undefined ? 0 : (options.historyDays ?? DEFAULT_HISTORY_DAYS)

  const history: HistoryState = { phase: 'none', messages: 0, acknowledged: 0, samples: 0 }
  const messages: HistoryMessage[] = []
  const houses = new Map<string, LiveHouse>()
  const devices: MqttDevices[] = []
  let control: ControlServer | undefined
  let logger: EdgeConnection | undefined
  let timer: NodeJS.Timeout | undefined

  const close = async () => {
    clearInterval(timer)
    await Promise.allSettled([
      control?.close(),
      logger?.close(),
      ...devices.map((device) => device.close()),
      ...[...houses.values()].map((house) => house.close()),
    ])
  }

  try {
    for (const house of options.houses) {
      const model = modelFor(house, options, historyDays, now)
      if (historyDays > 0) messages.push(...makeHistory(model, historySpan(house, seed, model.now(), now)))
      const ports = house.ports ?? { bus: 0, scale: 0, thermal: 0 }
      houses.set(house.id, await openLiveHouse({ id: house.id, seed, model, ports, clock }))
    }
    control = await openControlServer(options.control ?? 0, { state, setFault })
  } catch (error) {
    await close()
    throw error
  }

  if (mqtt) for (const id of houses.keys()) devices.push(createMqttDevices(id, mqtt, connectToEdge))
  if (mqtt && messages.length > 0) {
    logger = logIn(connectToEdge, mqtt, LOGGER_USER)
    if (logger) publishHistory(logger)
  }
  const live = [...houses.values()]
  let last = clock.monotonic()
  timer = setInterval(() => {
    const elapsedMs = clock.monotonic() - last
    last += elapsedMs
    live.forEach((house, index) => {
      house.tick()
      devices[index]?.tick(elapsedMs, house.measured())
    })
  }, WEIGH_EVERY_MS)

  function publishHistory(session: EdgeConnection) {
    messages.sort((a, b) => a.t - b.t)
    history.phase = 'publishing'
    history.messages = messages.length
    const acknowledged = ({ samples }: HistoryMessage) => {
      history.acknowledged++
      history.samples += samples
    }
    publishPaced(messages, ({ topic, payload }) => session.publish(topic, payload, 1), acknowledged).then(
      () => {
        if (history.acknowledged === history.messages) history.phase = 'done'
        messages.length = 0
      },
    )
  }

  function state(): SimulatorState {
    return {
      t: clock.now(),
      houses: Object.fromEntries([...houses].map(([id, house]) => [id, house.state()])),
      mqtt: Object.assign({}, ...devices.map((device) => device.state())),
      history: { ...history },
    }
  }

  async function setFault(change: FaultSwitch): Promise<string | undefined> {
    const house = houses.get(change.house)
    if (!house) return `there is no house "${change.house}"`
    await house.setFault(change)
    return undefined
  }

  return {
    ports: {
      control: control.port,
      houses: Object.fromEntries([...houses].map(([id, { ports }]) => [id, ports])),
    },
    setFault,
    state,
    close,
  }
}

function modelFor(house: HouseConfig, options: SimulatorOptions, historyDays: number, now: number) {
  const { seed } = options
  const standard = findBreedStandard(house.breed)
  if (!standard) throw new Error(`there is no breed standard "${house.breed}"`)
  const placedAt = startOfLocalDay(house.placedOn, house.timeZone)
  return createHouseModel({
    ...house,
    seed,
    standard,
    weather: createWeather(seed, options.climate === 'summer' ? summer : spring),
    // A logger that was hung up with the flock has nothing older.
    startsAt: Math.min(now, Math.max(now - historyDays * DAY, placedAt)),
    episode: episodeFor(house.id, options, now),
  })
}

function episodeFor(
  house: string,
  { houses, pastEpisode }: SimulatorOptions,
  now: number,
): NH3Episode | undefined {
  const episode =
    pastEpisode === undefined ? { house: houses[0]?.id, daysAgo: 9, minutes: 40, ppm: 24 } : pastEpisode
  if (episode?.house !== house) return undefined
  const from = now - episode.daysAgo * DAY
  return { from, to: Math.min(now, from + episode.minutes * MINUTE), ppm: episode.ppm }
}

function historySpan(house: HouseConfig, seed: number, from: number, to: number) {
  return {
    house: house.id,
    seed,
    from,
    to,
    stepMs: HISTORY_STEP_MS,
    fineFrom: to - FINE_HISTORY_MS,
    fineStepMs: FINE_STEP_MS,
  }
}
