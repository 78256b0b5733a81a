import { NOT_WIRED } from '#domain/config.ts'
import { isMetric } from '#domain/metrics.ts'
import { SECOND } from '#domain/time.ts'
import type { UpsDefinition } from '../devices/definition.ts'
import { createNutFramer, nutQuery } from '../framers/nut.ts'
import { createLink } from '../links/link.ts'
import type { Line, LineDevice, LineOptions, Values } from './line.ts'

/** NUT's drivers look at their UPS every 2 s: asking more often would hear the same again. */
const ASK_EVERY_MS = 2 * SECOND
const SILENT_AFTER_MS = 10 * SECOND

/** A UPS behind a NUT server, which is asked for all of its variables. */
export function createUpsLine(
  options: LineOptions,
  device: LineDevice,
  definition: UpsDefinition,
  askEveryMs = ASK_EVERY_MS,
): Line {
  const { clock, connect, random, onBytes, onStatus, link: config } = options
  const query = nutQuery(config.via.type === 'nut' ? config.via.ups : '')
  const framer = createNutFramer()
  let variables = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined

  const answered = () => {
    const t = clock.now()
    device.counters.frame(t)
    device.counters.recovered('exception', 'fault')
    const trouble = definition.troubleOf(variables.get('ups.status') ?? '')
    if (trouble) device.counters.trouble('fault', 0, trouble)
    device.values(t, valuesOf(device, definition, variables))
    variables = new Map()
  }

  const link = createLink({
    connect,
    clock,
    random,
    silentAfterMs: SILENT_AFTER_MS,
    onBytes(bytes) {
      onBytes?.(bytes)
      for (const event of framer.push(bytes)) {
        if (event.kind === 'discarded') device.counters.discarded(event)
        else if (event.frame.kind === 'end') answered()
        else if (event.frame.kind === 'error') {
          variables = new Map()
          device.counters.trouble('exception', 1, `the NUT server says ${event.frame.code}`)
        } else variables.set(event.frame.name, event.frame.value)
      }
    },
    onStatus(status) {
      if (status.state !== 'open') clearInterval(timer)
      if (status.state === 'closed') {
        for (const event of framer.reset()) device.counters.discarded(event)
        variables = new Map()
      }
      onStatus(status)
    },
    onOpen() {
      const ask = () => void link.write(query)
      timer = setInterval(ask, askEveryMs)
      ask()
    },
  })
  return {
    status: link.status,
    command: () => false,
    close() {
      clearInterval(timer)
      link.close()
    },
  }
}

function valuesOf(
  { config }: LineDevice,
  definition: UpsDefinition,
  variables: ReadonlyMap<string, string>,
): Values {
  const values: Values = {}
  for (const { name, metric, variable, decode } of definition.fields) {
    const text = variables.get(variable)
    const value = text === undefined || text === '' ? undefined : decode(text)
    const other = config.metrics?.[name]
    if (value === undefined || !Number.isFinite(value) || other === NOT_WIRED) continue
    values[other !== undefined && isMetric(other) ? other : metric] = value
  }
  return values
}
