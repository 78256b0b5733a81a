import type { AlarmView, Me, Overview, ThermalView } from '#domain/api/farm.ts'
import type { Failure } from '../api/client.ts'

export type Phase = 'starting' | 'setup' | 'log-in' | 'no-farm' | 'farm' | 'unreachable'

/** A short word at the foot of the page, with what takes the deed back where that can be. */
export type Notice = { text: string; undo?: () => Promise<void> }

export type State = {
  phase: Phase
  me: Me | undefined
  farm: string | undefined
  overview: Overview | undefined
  /** All alarms that the service told us of, open and earlier. */
  alarms: readonly AlarmView[] | undefined
  /** Newest thermal pictures by house and device. */
  thermal: Readonly<Record<string, ThermalView>>
  /** Counts up when something of the house changed that is worth reading anew. */
  changed: Readonly<Record<string, number>>
  link: 'connecting' | 'live' | 'down'
  /** Why the last question about the farm was not answered. */
  failure: Failure | undefined
  /** When we last heard of the farm, server time, UTC ms; 0 when never. */
  knownAt: number
  /** Server's clock minus this phone's, ms: ages must not depend on a phone set wrong. */
  clockOffsetMs: number
  notice: Notice | undefined
  newVersion: (() => void) | undefined
}

export const initialState: State = {
  phase: 'starting',
  me: undefined,
  farm: undefined,
  overview: undefined,
  alarms: undefined,
  thermal: {},
  changed: {},
  link: 'connecting',
  failure: undefined,
  knownAt: 0,
  clockOffsetMs: 0,
  notice: undefined,
  newVersion: undefined,
}
