import { EARLIEST, rejectReason } from '#domain/reading.ts'
import type { Clock } from '#domain/time.ts'
import { type LoadSample, mediaOf, type StreamDefinition } from '../devices/definition.ts'
import type { Framer } from '../framers/framer.ts'
import { LONGEST_WAIT_MS, OPEN_WITHIN_MS } from '../links/ask.ts'
import { createLink } from '../links/link.ts'
import { createLoadBlocks } from '../reporting/load-blocks.ts'
import { cameraSink } from './camera-sink.ts'
import type { Line, LineDevice, LineOptions } from './line.ts'
import type { Sink } from './sink.ts'
import { soundSink } from './sound-sink.ts'
import { thermalSink } from './thermal-sink.ts'

/** A line with one device that sends by itself: a scale, a thermal array, a camera, a microphone. */
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
    ...(mediaOf(definition) && { openWithinMs: OPEN_WITHIN_MS, longestWaitMs: LONGEST_WAIT_MS }),
    onBytes(bytes) {
      onBytes?.(bytes)
      receiver.push(bytes)
    },
    onStatus(status) {
      if (status.state === 'closed') receiver.reset(status.error !== undefined)
      onStatus(status)
    },
  })
  return { status: link.status, command: () => false, close: link.close }
}

type Receiver = { push(bytes: Uint8Array): void; reset(isLost: boolean): void }

function createReceiver(device: LineDevice, definition: StreamDefinition, clock: Clock): Receiver {
  switch (definition.kind) {
    case 'load':
      return receive(definition.createFramer(), device, clock, loadSink(device, clock))
    case 'thermal':
      return receive(definition.createFramer(), device, clock, thermalSink(device, definition, clock))
    case 'camera':
      return receive(definition.createFramer(), device, clock, cameraSink(device, definition, clock))
    case 'sound':
      return receive(definition.createFramer(), device, clock, soundSink(device, definition, clock))
  }
}

/** By which farm.yaml says that the load is the stock of a silo. */
export const LOAD_FIELD = 'load'

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
    reset(isLost) {
      for (const event of framer.reset()) device.counters.discarded(event)
      sink.end(isLost)
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
      if (rejectReason('scale.load', grams, EARLIEST, EARLIEST))
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
