import { backOff } from '#domain/back-off.ts'
import type { Clock } from '#domain/time.ts'

/** What a connection says. After `closed` it says nothing more. */
export type ConnectionEvents = {
  opened(): void
  bytes(bytes: Uint8Array): void
  /** `reason` in plain words, for the installer; `waitMs` where a further try before that does harm. */
  closed(reason: string, waitMs?: number): void
}
export type Connection = { write(bytes: Uint8Array): void; close(): void }

/** One try to open a line, whatever it is: a serial port, a socket, a recording. Never throws. */
export type Connect = (events: ConnectionEvents) => Connection

export type LinkState = 'opening' | 'open' | 'closed'
export type LinkStatus = { state: LinkState; reopened: number; error?: string }

/** Bytes in, bytes out, opens again by itself until it is closed. */
export type Link = {
  status(): LinkStatus
  /** False when the link is not open: the bytes are gone. */
  write(bytes: Uint8Array): boolean
  close(): void
}

export type LinkOptions = {
  connect: Connect
  clock: Clock
  random(): number
  /** A line without a byte for this long is closed and opened anew: adapters and device servers do hang. */
  silentAfterMs: number
  /** A try to open that takes longer is given up. */
  openWithinMs?: number
  /** Waited before the second try to open; it doubles from try to try. */
  firstWaitMs?: number
  /** Between two tries at most. */
  longestWaitMs?: number
  onBytes(bytes: Uint8Array): void
  /** Told of every change of the status. */
  onStatus(status: LinkStatus): void
  onOpen?(): void
}

/** Waits before each further try to open. An adapter that was put back is to be there within 5 s. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 4_000

export function createLink(options: LinkOptions): Link {
  const { connect, clock, random, silentAfterMs, onBytes, onStatus, onOpen } = options
  const { openWithinMs = 5000, firstWaitMs = FIRST_WAIT_MS, longestWaitMs = LONGEST_WAIT_MS } = options
  let status: LinkStatus = { state: 'closed', reopened: 0 }
  let connection: Connection | undefined
  const waits = () => backOff(random, firstWaitMs, longestWaitMs)
  let delays = waits()
  let timer: NodeJS.Timeout | undefined
  let lastByteAt = 0
  let everOpen = false
  let done = false

  const change = (next: LinkStatus) => {
    status = next
    onStatus(status)
  }

  function open(): void {
    /** What an abandoned connection still says is not heard. */
    let current = true
    const end = (error: string, waitMs = 0) => {
      if (!current) return
      current = false
      clearTimeout(timer)
      connection?.close()
      connection = undefined
      if (!done) timer = setTimeout(open, Math.max(waitMs, delays.next().value))
      change({ ...status, state: 'closed', ...(!done && { error }) })
    }
    const watch = () => {
      const quietMs = clock.monotonic() - lastByteAt
      if (quietMs >= silentAfterMs) end(`no byte for ${silentAfterMs / 1000} s`)
      else timer = setTimeout(watch, silentAfterMs - quietMs)
    }
    abandon = () => end('closed')
    timer = setTimeout(() => end(`not open after ${openWithinMs / 1000} s`), openWithinMs)
    change({ ...status, state: 'opening' })
    connection = connect({
      opened() {
        if (!current) return
        clearTimeout(timer)
        lastByteAt = clock.monotonic()
        timer = setTimeout(watch, silentAfterMs)
        change({ ...status, state: 'open', reopened: status.reopened + (everOpen ? 1 : 0) })
        everOpen = true
        onOpen?.()
      },
      bytes(bytes) {
        if (!current) return
        lastByteAt = clock.monotonic()
        if (status.error !== undefined) {
          // A line that opens and says nothing keeps its back-off; one that speaks has recovered.
          delays = waits()
          change({ state: status.state, reopened: status.reopened })
        }
        onBytes(bytes)
      },
      closed: end,
    })
    // It may have failed at once, before there was a connection to close.
    if (!current) connection = undefined
  }

  let abandon = () => {}
  open()

  return {
    status: () => status,
    write(bytes) {
      if (status.state !== 'open' || !connection) return false
      connection.write(bytes)
      return true
    },
    close() {
      done = true
      abandon()
      clearTimeout(timer)
    },
  }
}
