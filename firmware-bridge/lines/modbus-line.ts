import { NOT_WIRED } from '#domain/config.ts'
import { isMetric, type MetricId } from '#domain/metrics.ts'
import type { Clock } from '#domain/time.ts'
import { type BusDevice, createModbusBus, readRequestOf } from '../bus/modbus-bus.ts'
import { createModbusMaster } from '../bus/modbus-master.ts'
import { createTcpWire, rtuWire } from '../bus/modbus-wire.ts'
import type { Field, ModbusDefinition, Span } from '../devices/definition.ts'
import { decodeSpan } from '../devices/register-image.ts'
import { createAnswerFramer } from '../framers/modbus-rtu.ts'
import { createLink, type LinkOptions } from '../links/link.ts'
import type { Line, LineDevice, LineOptions, Values } from './line.ts'

/** Longer than a bus whose only device is silent takes from one question to the next. */
const SILENT_AFTER_MS = 45_000

type Member = { device: LineDevice; bus: BusDevice }

/** A bus with Modbus devices that answer when they are asked. */
export function createModbusLine(options: LineOptions, definitions: readonly ModbusDefinition[]): Line {
  const { clock, onBytes, onStatus } = options
  const members = options.devices.map((device, index) =>
    toMember(device, definitions[index] as ModbusDefinition, clock),
  )
  const linkOptions = {
    connect: options.connect,
    random: options.random,
    clock,
    silentAfterMs: SILENT_AFTER_MS,
  }
  if (options.link.via.type === 'replay') return listen(members, { ...linkOptions, onStatus }, onBytes)

  const wire = options.link.via.type === 'modbus-tcp' ? createTcpWire() : rtuWire
  const master = createModbusMaster({ write: (bytes) => link.write(bytes), clock, wire })
  const bus = createModbusBus(
    members.map((member) => member.bus),
    master,
    clock,
  )
  const link = createLink({
    ...linkOptions,
    onBytes(bytes) {
      onBytes?.(bytes)
      master.push(bytes)
    },
    onStatus(status) {
      if (status.state !== 'open') bus.closed()
      onStatus(status)
    },
    onOpen: () => bus.opened(),
  })
  return {
    status: () => link.status(),
    command(device, output, on) {
      const member = members.find((candidate) => candidate.device === device)
      const target = member?.bus.definition.outputs[output]
      if (!member || !target) return false
      bus.command(member.bus, target.coil, on)
      return true
    },
    close() {
      bus.close()
      link.close()
    },
  }
}

/** A recording answers nobody: its answers are known by unit, function and length. */
function listen(
  members: readonly Member[],
  options: Omit<LinkOptions, 'onBytes'>,
  onBytes: LineOptions['onBytes'],
): Line {
  const reads = members.flatMap(({ bus }) =>
    bus.definition.reads.map((span) => ({ bus, span, request: readRequestOf(bus.unit, span) })),
  )
  const framer = createAnswerFramer(reads.map(({ request }) => request))
  const link = createLink({
    ...options,
    onBytes(bytes) {
      onBytes?.(bytes)
      for (const event of framer.push(bytes)) {
        if (event.kind === 'discarded') {
          members[0]?.bus.discarded([event])
        } else if (event.frame.answer.kind === 'values') {
          const { request, answer } = event.frame
          const read = reads.find((candidate) => candidate.request === request)
          read?.bus.answered(read.span, answer.values)
        }
      }
    },
  })
  return { status: link.status, command: () => false, close: link.close }
}

function toMember(device: LineDevice, definition: ModbusDefinition, clock: Clock): Member {
  const { counters, config } = device
  const metricOf = ({ name, metric }: Field): MetricId | undefined => {
    const other = config.metrics?.[name]
    if (other === NOT_WIRED) return undefined
    return other !== undefined && isMetric(other) ? other : metric
  }
  return {
    device,
    bus: {
      unit: config.unit ?? 1,
      definition,
      answered(span: Span, words) {
        const t = clock.now()
        counters.frame(t)
        const values: Values = {}
        counters.recovered('fault')
        for (const { field, value } of decodeSpan(definition, span, words)) {
          const metric = metricOf(field)
          if (metric === undefined) continue
          if (value === undefined) counters.trouble('fault', 1, `${field.name}: the sensor signals a fault`)
          else values[metric] = value * (config.scales?.[field.name] ?? 1)
        }
        device.values(t, values)
      },
      failed: (reason, message) => counters.trouble(reason, 1, message),
      discarded(events) {
        for (const event of events) counters.discarded(event)
      },
      recovered: () => counters.recovered('timeout', 'exception'),
    },
  }
}
