import type { LinkConfig, LinkDefinition } from '#domain/config.ts'
import { type MetricId, metrics, roundFor } from '#domain/metrics.ts'
import type { Clock } from '#domain/time.ts'
import type { Catalogue } from '../devices/index.ts'
import { askFor, createLine } from '../lines/create-line.ts'
import type { LineDevice, Values } from '../lines/line.ts'
import type { Ask } from '../links/ask.ts'
import type { Connect } from '../links/link.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'

export type WatchOptions = {
  catalogue: Catalogue
  clock: Clock
  random(): number
  connectLine(via: LinkConfig, clock: Clock, ask?: Ask): Connect
  /** One line for the console. */
  say(line: string): void
}

/** One line a second and device, so that people can read along. */
const SAY_EVERY_MS = 1000

/** What the devices of these links say, live, read exactly as the bridge will read them. */
export function watchLinks(links: readonly LinkDefinition[], options: WatchOptions): { close(): void } {
  const { catalogue, clock, random, connectLine, say } = options
  const lines = links.map((link) =>
    createLine(catalogue, {
      link,
      devices: link.devices.map((config) => showing(config, clock, say)),
      connect: connectLine(link.via, clock, askFor(catalogue, link)),
      clock,
      random,
      onStatus: ({ state, error }) => {
        if (error !== undefined) say(`${link.id}: ${state}, ${error}`)
      },
    }),
  )
  return {
    close() {
      for (const line of lines) line.close()
    },
  }
}

function showing(config: LineDevice['config'], clock: Clock, say: (line: string) => void): LineDevice {
  let saidAt = Number.NEGATIVE_INFINITY
  const known: Values = {}
  const show = (text: string) => {
    if (clock.monotonic() - saidAt < SAY_EVERY_MS) return
    saidAt = clock.monotonic()
    say(`${config.id}: ${text}`)
  }
  return {
    config,
    counters: createDeviceCounters(),
    values(_t, fresh) {
      Object.assign(known, fresh)
      show(textOf(known))
    },
    block() {},
    sound() {},
    thermal({ centiC }) {
      const high = centiC.reduce((a, b) => Math.max(a, b)) / 100
      show(`picture, ${centiC.reduce((a, b) => Math.min(a, b)) / 100} to ${high} °C`)
    },
    picture: ({ width, height }) => show(`picture, ${width} × ${height}`),
  }
}

function textOf(values: Values): string {
  return (Object.entries(values) as [MetricId, number][])
    .map(([metric, value]) => `${metric} ${roundFor(metric, value)} ${metrics[metric].unit}`.trimEnd())
    .join(', ')
}
