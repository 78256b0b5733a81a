import { setTimeout as sleep } from 'node:timers/promises'
import type { LinkConfig } from '#domain/config.ts'
import type { Clock } from '#domain/time.ts'
import { type Address, readAddress } from './address.ts'
import { type Ask, WRONG_PASSWORD_WAIT_MS } from './ask.ts'
import { fitJpeg } from './fit-jpeg.ts'
import { createGetter, WrongPassword } from './http-get.ts'
import type { Connect, ConnectionEvents } from './link.ts'

type SnapshotConfig = Extract<LinkConfig, { type: 'snapshot' }>

/** An address that answers with one picture. The line is open from its first answer on. */
export const connectSnapshot =
  (via: SnapshotConfig, ask: Ask, clock: Clock): Connect =>
  (events) => {
    const stop = new AbortController()
    let address: Address | undefined
    const run = async () => {
      address = readAddress(via)
      await fetchPictures(address, ask, clock, events, stop.signal)
    }
    run().catch((error: unknown) => {
      const said = error instanceof Error ? error.message : String(error)
      const reason = address?.hide(said) ?? said
      if (error instanceof WrongPassword) events.closed(reason, WRONG_PASSWORD_WAIT_MS)
      else events.closed(reason)
    })
    return { write() {}, close: () => stop.abort() }
  }

async function fetchPictures(
  address: Address,
  ask: Ask,
  clock: Clock,
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<never> {
  const get = createGetter(address, ask.path)
  for (let isOpen = false; ; isOpen = true) {
    const startedAt = clock.monotonic()
    const body = await get(signal)
    if (!isOpen) events.opened()
    events.bytes(await fitJpeg(body, ask, signal))
    await sleep(Math.max(0, ask.everyMs - (clock.monotonic() - startedAt)), undefined, { signal })
  }
}
