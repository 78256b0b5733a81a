import { MAX_SAMPLES_PER_MESSAGE, type Sample } from '#domain/topics.ts'

export const MAX_READINGS = 100_000

/**
 * Readings that wait for the edge, in memory and bounded: oldest first for each device, devices in turn.
 * When it is full, the device that holds most loses its oldest, so that a chatty scale does not push out the
 * only ammonia reading of an hour.
 */
export type Outbox<Device> = {
  add(device: Device, sample: Sample): void
  /** The next message: all that one device has waiting, up to a message's size. */
  take(): { device: Device; samples: Sample[] } | undefined
  /** Readings waiting. */
  size(): number
}

export function createOutbox<Device>(
  onDrop: (device: Device, readings: number) => void,
  maxReadings = MAX_READINGS,
): Outbox<Device> {
  const queues = new Map<Device, { samples: Sample[]; readings: number }>()
  let total = 0

  function dropOldest(): void {
    let longest: Device | undefined
    let most = 0
    for (const [device, { readings }] of queues) {
      if (readings > most) [longest, most] = [device, readings]
    }
    if (longest === undefined) return
    const dropped = remove(longest, 1)
    onDrop(
      longest,
      dropped.reduce((sum, sample) => sum + count(sample), 0),
    )
  }

  function remove(device: Device, atMost: number): Sample[] {
    const queue = queues.get(device)
    if (!queue) return []
    const samples = queue.samples.splice(0, atMost)
    const readings = samples.reduce((sum, sample) => sum + count(sample), 0)
    queue.readings -= readings
    total -= readings
    queues.delete(device)
    // To the end of the line: the others come first next time.
    if (queue.samples.length > 0) queues.set(device, queue)
    return samples
  }

  return {
    add(device, sample) {
      const queue = queues.get(device) ?? { samples: [], readings: 0 }
      queues.set(device, queue)
      queue.samples.push(sample)
      queue.readings += count(sample)
      total += count(sample)
      while (total > maxReadings) dropOldest()
    },
    take() {
      const next = queues.keys().next()
      if (next.done) return undefined
      return { device: next.value, samples: remove(next.value, MAX_SAMPLES_PER_MESSAGE) }
    },
    size: () => total,
  }
}

const count = (sample: Sample): number => Object.keys(sample.values).length
