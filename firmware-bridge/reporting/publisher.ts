import type { LoadBlock } from '#domain/block.ts'
import { encodeThermalFrame, type ThermalFrame } from '#domain/frame.ts'
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
  picture(sender: Sender, frame: ThermalFrame): void
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
    picture(sender, frame) {
      if (!sendNow(sender, 'frame', encodeThermalFrame(frame))) sender.onDropped('not-sent', 1)
    },
    health(sender, health) {
      sendNow(sender, 'health', JSON.stringify(health))
    },
    resume: pump,
  }
}
