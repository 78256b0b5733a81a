import { randomUUID } from 'node:crypto'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { NodeConfig } from '#domain/config.ts'
import { type Command, topicFor } from '#domain/topics.ts'

/**
 * Sounds the siren of a house while an alarm that asks for it is open and nobody has acknowledged it.
 * A command may be lost or the relay may restart, so it is said again every 30 s until the relay's own reading
 * (`siren.on`) says the same.
 */
export type Siren = {
  raise(event: AlarmEvent): void
  clear(event: AlarmEvent): void
  /** All alarms that somebody acknowledged, by id. */
  acknowledge(alarms: readonly string[]): void
  /** What the relay says of itself. */
  confirm(house: string, device: string, on: boolean): void
  /** Somebody began to listen: what is not confirmed is said at once. */
  announce(): void
  tick(): void
}

export type SirenDeps = {
  outputs: NodeConfig['outputs']
  monotonic: () => number
  publish(topic: string, command: Command): void
}

const REPEAT_MS = 30_000

type Output = { house: string; device: string; isWanted: boolean; isOn: boolean | undefined; saidAt: number }

export function createSiren({ outputs, monotonic, publish }: SirenDeps): Siren {
  const sirens: Output[] = outputs
    .filter(({ output }) => output === 'siren')
    .map(({ house, device }) => ({
      house,
      device,
      isWanted: false,
      isOn: undefined,
      saidAt: Number.NEGATIVE_INFINITY,
    }))
  const open = new Map<string, string>()
  let acknowledged = new Set<string>()

  const say = (siren: Output) => {
    siren.saidAt = monotonic()
    publish(topicFor(siren.house, siren.device, 'command'), {
      id: randomUUID(),
      output: 'siren',
      on: siren.isWanted,
    })
  }
  /** A siren that never was on need not be told to be off. */
  const isSettled = ({ isWanted, isOn }: Output) => isOn === isWanted || (!isWanted && isOn === undefined)

  const update = () => {
    const loud = new Set([...open].filter(([alarm]) => !acknowledged.has(alarm)).map(([, house]) => house))
    for (const siren of sirens) {
      const isWanted = loud.has(siren.house)
      if (isWanted === siren.isWanted) continue
      siren.isWanted = isWanted
      // What it last said of itself is from before this command.
      siren.isOn = isWanted ? undefined : true
      say(siren)
    }
  }

  return {
    raise({ alarm, house }) {
      open.set(alarm, house)
      update()
    },
    clear({ alarm }) {
      open.delete(alarm)
      update()
    },
    acknowledge(alarms) {
      acknowledged = new Set(alarms)
      update()
    },
    confirm(house, device, on) {
      for (const siren of sirens) if (siren.house === house && siren.device === device) siren.isOn = on
    },
    announce() {
      for (const siren of sirens) if (!isSettled(siren)) say(siren)
    },
    tick() {
      for (const siren of sirens) {
        if (!isSettled(siren) && monotonic() - siren.saidAt >= REPEAT_MS) say(siren)
      }
    },
  }
}
