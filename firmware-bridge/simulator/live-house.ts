import type { Clock } from '#domain/time.ts'
import type { Command } from '#domain/topics.ts'
import type { DeviceDefinition } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import { busDevices, type HousePorts } from './farm-layout.ts'
import { type FaultSwitch, isHouseFault, type Line, lines } from './fault.ts'
import { type HouseModel, type HouseTruth, type Measured, WEIGH_EVERY_MS } from './model/house-model.ts'
import { createRandom } from './random.ts'
import { createLineNoise } from './wire/line-noise.ts'
import { type LineServer, type LineState, openLineServer } from './wire/line-server.ts'
import { createModbusSlaves } from './wire/modbus-slaves.ts'

/** A relay's coil as the board itself knows it. Times: of the wall clock, UTC ms, and of the clock that never jumps. */
export type Coil = { on: boolean; switchedAt: number; switchedAtMonotonic: number }

export type LiveHouseState = HouseTruth & {
  siren: Coil
  emergencyFan: Coil
  lines: Record<Line, LineState>
  silentUnits: number[]
}

/** A house in real time: its model, and its three serial lines on TCP ports. */
export type LiveHouse = {
  ports: HousePorts
  /** Lets the time since the last call pass. Called every 100 ms or so. */
  tick(): void
  measured(): Measured
  setFault(change: FaultSwitch): Promise<void>
  state(): LiveHouseState
  close(): Promise<void>
}

export type LiveHouseOptions = {
  id: string
  seed: number
  model: HouseModel
  ports: HousePorts
  clock: Clock
}

const LOOK_EVERY_MS = 500
const STEP_EVERY_MS = 1000
/** After a longer stall (a suspended machine) the missed samples are lost, as on a real line. */
const LONGEST_BURST = 20

export async function openLiveHouse({ id, seed, model, ports, clock }: LiveHouseOptions): Promise<LiveHouse> {
  const scaleDevice = modelOf('xk3190', 'load')
  const thermalDevice = modelOf('gy-mcu90640', 'thermal')
  let measured = model.measure()

  const coil = (): Coil => ({ on: false, switchedAt: 0, switchedAtMonotonic: 0 })
  const coils: Record<Command['output'], Coil> = { siren: coil(), 'fan.emergency': coil() }
  const slaves = createModbusSlaves(
    busDevices.map(({ role, unit, model: name }) => ({
      unit,
      definition: modelOf(name, 'modbus'),
      read: () => measured[role],
    })),
    (output, on) => {
      if (coils[output].on === on) return
      coils[output] = { on, switchedAt: clock.now(), switchedAtMonotonic: clock.monotonic() }
      if (output === 'fan.emergency') model.setEmergencyFan(on)
    },
  )
  const noise = (line: Line) => createLineNoise(createRandom(seed, `${id}/noise/${line}`))
  const open: Record<Line, LineServer> = {
    bus: await openLineServer({ port: ports.bus, disturb: noise('bus'), onClient: slaves.onClient }),
    scale: await openLineServer({ port: ports.scale, disturb: noise('scale') }),
    thermal: await openLineServer({ port: ports.thermal, disturb: noise('thermal') }),
  }

  // The model stands where its history ended; the first tick brings it to now.
  let last = clock.monotonic() - (clock.now() - model.now())
  const due = { weigh: 0, look: 0, step: 0 }

  /** How often something due every `everyMs` comes round after another `passedMs`. */
  const rounds = (name: keyof typeof due, everyMs: number, passedMs: number): number => {
    due[name] += passedMs
    const count = Math.floor(due[name] / everyMs)
    due[name] -= count * everyMs
    return Math.min(count, LONGEST_BURST)
  }

  return {
    ports: { bus: open.bus.port, scale: open.scale.port, thermal: open.thermal.port },
    measured: () => measured,
    tick() {
      const now = clock.monotonic()
      const passedMs = now - last
      last = now
      for (let left = rounds('weigh', WEIGH_EVERY_MS, passedMs); left > 0; left--) {
        open.scale.send(scaleDevice.encode({ grams: model.weigh() }))
      }
      if (rounds('look', LOOK_EVERY_MS, passedMs) > 0) {
        const picture = model.look(LOOK_EVERY_MS)
        open.thermal.send(thermalDevice.encode(picture))
      }
      due.step += passedMs
      if (due.step < STEP_EVERY_MS) return
      model.step(due.step)
      due.step = 0
      measured = model.measure()
    },
    async setFault({ fault, on, line, unit }) {
      if (isHouseFault(fault)) {
        model.setFault(fault, on)
        // The contacts tell at once; the air takes its time.
        measured = model.measure()
        return
      }
      if (fault === 'silent-slave') {
        slaves.setSilent(unit ?? busDevices[0].unit, on)
        return
      }
      for (const name of line ? [line] : lines) {
        if (fault === 'noisy-line') open[name].condition.noisy = on
        else if (fault === 'silent-line') open[name].condition.silent = on
        else await open[name].setCut(on)
      }
    },
    state: () => ({
      ...model.truth(),
      siren: coils.siren,
      emergencyFan: coils['fan.emergency'],
      lines: { bus: open.bus.state(), scale: open.scale.state(), thermal: open.thermal.state() },
      silentUnits: slaves.silentUnits(),
    }),
    async close() {
      await Promise.all(lines.map((name) => open[name].close()))
    },
  }
}

/** The same definitions that the bridge decodes with. */
function modelOf<Kind extends DeviceDefinition['kind']>(
  name: string,
  kind: Kind,
): Extract<DeviceDefinition, { kind: Kind }> {
  const definition = findDevice(name)
  if (definition?.kind !== kind) throw new Error(`there is no ${kind} device "${name}"`)
  return definition as Extract<DeviceDefinition, { kind: Kind }>
}
