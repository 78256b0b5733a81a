import { randomUUID } from 'node:crypto'
import { type AlarmEvent, alarmId } from '#domain/alarm.ts'
import type { NodeConfig } from '#domain/config.ts'
import { HEARTBEAT_MS } from '#domain/metrics.ts'
import type { Clock } from '#domain/time.ts'
import { type Command, topicFor } from '#domain/topics.ts'

/**
 * Sounds the siren of a house while an alarm that asks for it is open and nobody has acknowledged it.
 * A command may be lost or the relay may restart, so it is said again every 30 s until the relay's own reading
 * (`siren.on`) says the same. One that does not confirm that it sounds is an alarm of its own: somebody else
 * must be told.
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
  clock: Clock
  /** Alarms of this kind that were open when the edge last stopped. */
  unconfirmed: readonly AlarmEvent[]
  publish(topic: string, command: Command): void
  /** A siren does not confirm that it sounds, or has spoken again. */
  onAlarm(event: AlarmEvent): void
}

/** Id of the alarm about the siren itself. */
export const SIREN_RULE = 'siren-unconfirmed'
const REPEAT_MS = 30_000
const CONFIRM_WITHIN_MS = 30_000

type Output = {
  house: string
  device: string
  isWanted: boolean
  isOn: boolean | undefined
  saidAt: number
  /** It has said something of itself since the start. */
  isHeard: boolean
  /** Since when it should sound and has not confirmed it, monotonic. */
  unsureSince: number | undefined
  alarm: AlarmEvent | undefined
}

export function createSiren({ outputs, clock, unconfirmed, publish, onAlarm }: SirenDeps): Siren {
  const { monotonic } = clock
  // One that sounds already says so only by its heartbeat: nothing has changed for the relay.
  const heardFrom = monotonic() + HEARTBEAT_MS
  const sirens: Output[] = outputs
    .filter(({ output }) => output === 'siren')
    .map(({ house, device }) => ({
      house,
      device,
      isWanted: false,
      isOn: undefined,
      saidAt: Number.NEGATIVE_INFINITY,
      isHeard: false,
      unsureSince: undefined,
      alarm: unconfirmed.find((event) => event.house === house && event.device === device),
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

  const judgeConfirmation = (siren: Output) => {
    const now = monotonic()
    if (!siren.isWanted || siren.isOn) {
      siren.unsureSince = undefined
      return
    }
    siren.unsureSince ??= siren.isHeard ? now : Math.max(now, heardFrom)
    if (siren.alarm || now - siren.unsureSince < CONFIRM_WITHIN_MS) return
    siren.alarm = unconfirmedEvent(siren, clock.now(), clock.now() - (now - siren.unsureSince))
    onAlarm(siren.alarm)
  }

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
      for (const siren of sirens) {
        if (siren.house !== house || siren.device !== device) continue
        siren.isOn = on
        siren.isHeard = true
        if (!siren.alarm || on !== siren.isWanted) continue
        onAlarm({ ...siren.alarm, action: 'cleared', t: clock.now(), value: on ? 1 : 0 })
        siren.alarm = undefined
      }
    },
    announce() {
      for (const siren of sirens) if (!isSettled(siren)) say(siren)
    },
    tick() {
      for (const siren of sirens) {
        if (!isSettled(siren) && monotonic() - siren.saidAt >= REPEAT_MS) say(siren)
        judgeConfirmation(siren)
      }
    },
  }
}

function unconfirmedEvent({ house, device }: Output, t: number, since: number): AlarmEvent {
  return {
    alarm: alarmId(house, device, SIREN_RULE, since),
    ...{ action: 'raised', t, since, house, device, rule: SIREN_RULE, metric: 'siren.on' },
    ...{ severity: 'critical', value: null, limit: null, late: false },
  }
}
