import type { DeviceHealth } from '#domain/topics.ts'
import type { DiscardReason, Framed } from '../framers/framer.ts'
import type { LinkStatus } from '../links/link.ts'

/** Why something a device said, or did not say, counts as trouble. */
export type TroubleReason =
  | DiscardReason
  /** The sensor signals a fault, or says what its metric cannot be. */
  | 'fault'
  | 'implausible'
  /** A camera whose picture does not change. */
  | 'frozen'
  /** A Modbus device did not answer, or refused. */
  | 'timeout'
  | 'exception'
  /** A command that came to nothing, and one that is not a command for this device. */
  | 'command-failed'
  | 'command-refused'
  /** Readings dropped because the edge was away too long; blocks and pictures while it was away or slow. */
  | 'queue-full'
  | 'not-sent'

/** How one device fares since the bridge began. */
export type DeviceCounters = {
  frame(t: number): void
  /** `error` says it to the installer until it is over. */
  trouble(reason: TroubleReason, count?: number, error?: string): void
  /** Counts what a framer threw away. */
  discarded(event: Framed<unknown>): void
  /** These troubles are over. */
  recovered(...reasons: TroubleReason[]): void
  health(t: number, link: LinkStatus): DeviceHealth
}

const MAX_ERROR_CHARS = 300

export function createDeviceCounters(): DeviceCounters {
  const discarded: Record<string, number> = {}
  let frames = 0
  let lastFrameAt = 0
  const errors = new Map<TroubleReason, string>()
  const trouble = (reason: TroubleReason, count = 1, said?: string) => {
    discarded[reason] = (discarded[reason] ?? 0) + count
    if (said !== undefined) errors.set(reason, said)
  }
  return {
    frame(t) {
      frames++
      lastFrameAt = t
    },
    trouble,
    discarded(event) {
      if (event.kind === 'discarded') trouble(event.reason, event.count)
    },
    recovered(...reasons) {
      for (const reason of reasons) errors.delete(reason)
    },
    health(t, link) {
      const said = link.error ?? [...errors.values()].at(-1)
      return {
        t,
        link: link.state,
        lastFrameAt,
        frames,
        discarded: { ...discarded },
        reopened: link.reopened,
        ...(said !== undefined && { error: said.slice(0, MAX_ERROR_CHARS) }),
      }
    },
  }
}
