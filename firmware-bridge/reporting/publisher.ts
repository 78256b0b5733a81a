import { encodeSound, type LoadBlock, type SoundBlock } from '#domain/block.ts'
import { encodeThermalFrame, type ThermalFrame } from '#domain/frame.ts'
import { encodePicture, type Picture } from '#domain/picture.ts'
import { type DeviceHealth, type Sample, topicFor } from '#domain/topics.ts'
import type { EdgeConnection } from './edge-connection.ts'
import { createOutbox } from './outbox.ts'

/** Messages of readings on their way to an acknowledgement; more would only queue up in the edge. */
const MAX_IN_FLIGHT = 20
/** Blocks, pictures, health and samples ahead of their turn, handed to the socket and not yet written. */
const MAX_UNWRITTEN = 50

export type Sender = {
  house: string
  id: string
  onDropped(reason: 'queue-full' | 'not-sent', count: number): void
}

/** What devices say, on its way to the edge: readings wait for it, blocks and pictures do not. */
export type Publisher = {
  readings(sender: Sender, sample: Sample): void
  block(sender: Sender, block: LoadBlock): void
  sound(sender: Sender, block: SoundBlock): void
  thermal(sender: Sender, frame: ThermalFrame): void
  /** One on its way for each camera; while the line is busy the newest waits and takes an older one's place. */
  picture(sender: Sender, picture: Picture): void
  health(sender: Sender, health: DeviceHealth): void
  /** The edge is there: what waits may go. */
  resume(): void
}

export function createPublisher(edge: EdgeConnection, maxReadings?: number): Publisher {
  const outbox = createOutbox<Sender>((sender, count) => sender.onDropped('queue-full', count), maxReadings)
  let inFlight = 0
  let unwritten = 0

  function pump(): void {
    while (inFlight < MAX_IN_FLIGHT && edge.connected()) {
      const next = outbox.take()
      if (!next) return
      inFlight++
      const { device: sender, samples } = next
      const payload = JSON.stringify(samples.length === 1 ? samples[0] : samples)
      edge
        .publish(topicFor(sender.house, sender.id, 'readings'), payload, 1)
        // It fails only when the bridge itself is closing.
        .catch(() => sender.onDropped('not-sent', samples.length))
        .finally(() => {
          inFlight--
          pump()
        })
    }
  }

  function sendNow(
    sender: Sender,
    channel: 'block' | 'frame' | 'health' | 'readings',
    payload: string | Uint8Array,
  ): boolean {
    if (!edge.connected() || unwritten >= MAX_UNWRITTEN) return false
    unwritten++
    edge
      .publish(topicFor(sender.house, sender.id, channel), payload, 0, channel === 'health')
      .catch(() => {})
      .finally(() => unwritten--)
    return true
  }

  /** What is on its way of each camera, and what waits behind it. */
  const pictures = new Map<Sender, Picture | undefined>()

  function sendNewest(sender: Sender, picture: Picture): void {
    const isOnItsWay = pictures.has(sender)
    if (!edge.connected() || pictures.get(sender) !== undefined) sender.onDropped('not-sent', 1)
    if (!edge.connected()) return
    if (isOnItsWay) pictures.set(sender, picture)
    else sendPicture(sender, picture)
  }

  function sendPicture(sender: Sender, picture: Picture): void {
    pictures.set(sender, undefined)
    edge
      .publish(topicFor(sender.house, sender.id, 'frame'), encodePicture(picture), 0)
      .catch(() => sender.onDropped('not-sent', 1))
      .finally(() => {
        const next = pictures.get(sender)
        pictures.delete(sender)
        if (next) sendNewest(sender, next)
      })
  }

  return {
    readings(sender, sample) {
      outbox.add(sender, sample)
      pump()
      // Nothing is acknowledged while the edge's store is down, nor is it this sample's turn in a backlog: the rules
      // are to see it all the same. That it comes twice counts once.
      if (inFlight >= MAX_IN_FLIGHT && outbox.size() > 0) sendNow(sender, 'readings', JSON.stringify(sample))
    },
    block(sender, block) {
      if (!sendNow(sender, 'block', JSON.stringify(block))) sender.onDropped('not-sent', 1)
    },
    sound(sender, block) {
      if (!sendNow(sender, 'block', encodeSound(block))) sender.onDropped('not-sent', 1)
    },
    thermal(sender, frame) {
      if (!sendNow(sender, 'frame', encodeThermalFrame(frame))) sender.onDropped('not-sent', 1)
    },
    picture: sendNewest,
    health(sender, health) {
      sendNow(sender, 'health', JSON.stringify(health))
    },
    resume: pump,
  }
}
