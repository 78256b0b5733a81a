import { rejectReason } from '#domain/reading.ts'
import type { Clock } from '#domain/time.ts'
import type { LoadSample, StreamDefinition, ThermalDefinition, ThermalSample } from '../devices/definition.ts'
import type { Framer } from '../framers/framer.ts'
import { createLink } from '../links/link.ts'
import { createLoadBlocks } from '../reporting/load-blocks.ts'
import type { Line, LineDevice, LineOptions } from './line.ts'

/** A line with one device that sends by itself: a scale, a thermal array. */
export function createStreamLine(
  options: LineOptions,
  device: LineDevice,
  definition: StreamDefinition,
): Line {
  const { clock, connect, random, firstWaitMs, onBytes, onStatus } = options
  const receiver = createReceiver(device, definition, clock)
  const link = createLink({
    connect,
    clock,
    random,
    ...(firstWaitMs !== undefined && { firstWaitMs }),
    silentAfterMs: definition.silentAfterMs,
    onBytes(bytes) {
      onBytes?.(bytes)
      receiver.push(bytes)
    },
    onStatus(status) {
      if (status.state === 'closed') receiver.reset()
      onStatus(status)
    },
  })
  return { status: link.status, command: () => false, close: link.close }
}

type Receiver = { push(bytes: Uint8Array): void; reset(): void }

function createReceiver(device: LineDevice, definition: StreamDefinition, clock: Clock): Receiver {
  if (definition.kind === 'thermal') {
    return receive(definition.createFramer(), device, clock, thermalSink(device, definition))
  }
  return receive(definition.createFramer(), device, clock, loadSink(device, clock))
}

/** By which farm.yaml says that the load is the stock of a silo. */
export const LOAD_FIELD = 'load'

type Sink<Sample> = { sample(sample: Sample, t: number): void; end(): void }

function receive<Sample>(
  framer: Framer<Sample>,
  device: LineDevice,
  clock: Clock,
  sink: Sink<Sample>,
): Receiver {
  return {
    push(bytes) {
      const t = clock.now()
      for (const event of framer.push(bytes)) {
        if (event.kind === 'discarded') {
          device.counters.discarded(event)
        } else {
          device.counters.frame(t)
          sink.sample(event.frame, t)
        }
      }
    },
    reset() {
      for (const event of framer.reset()) device.counters.discarded(event)
      sink.end()
    },
  }
}

function loadSink(device: LineDevice, clock: Clock): Sink<LoadSample> {
  const blocks = createLoadBlocks()
  const isSilo = device.config.metrics?.[LOAD_FIELD] === 'feed.stock'
  return {
    sample({ grams }, t) {
      if (grams === undefined)
        return device.counters.trouble('fault', 1, 'the scale shows no weight: overload')
      // No bird stands on a silo: its weight is a value like any other, in kilograms.
      if (isSilo) return device.values(t, { 'feed.stock': grams / 1000 })
      if (rejectReason('scale.load', grams, t, t))
        return device.counters.trouble('implausible', 1, `a load of ${grams} g cannot be`)
      device.counters.recovered('fault', 'implausible')
      const block = blocks.add({ t, atMs: clock.monotonic(), grams })
      if (block) device.block(block)
      device.values(t, { 'scale.load': grams })
    },
    end() {
      const block = blocks.flush()
      if (block) device.block(block)
    },
  }
}

function thermalSink(device: LineDevice, { width, height }: ThermalDefinition): Sink<ThermalSample> {
  return {
    sample: (sample, t) => device.picture({ width, height, t, ...sample }),
    end() {},
  }
}
