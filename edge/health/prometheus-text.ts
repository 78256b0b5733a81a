import type { NodeConfig } from '#domain/config.ts'
import type { DeviceHealth } from '#domain/topics.ts'

/** What of the health page Prometheus is told. */
export type HealthFigures = {
  isWell: boolean
  uptimeS: number
  sync: { backlog: { readings: number; alarms: number } }
  stored: { waiting: number }
  openAlarms: readonly unknown[]
  clients: number
  /** Undefined where the disk does not tell. */
  diskFreeBytes: number | undefined
  rssBytes: number
  counters: Readonly<Record<string, number>>
  devices: Readonly<Record<string, DeviceHealth>>
}

type Sample = { labels: Readonly<Record<string, string>>; value: number }
type Family = { name: string; type: 'counter' | 'gauge'; help: string; samples: Sample[] }

/** Prometheus' text exposition format 0.0.4. `config` says in which house a device stands. */
export function prometheusText(
  health: HealthFigures,
  config: Pick<NodeConfig, 'links' | 'mqttDevices'>,
): string {
  const { counters, devices } = health
  const node = {
    store_well: health.isWell ? 1 : 0,
    uptime_seconds: health.uptimeS,
    resident_memory_bytes: health.rssBytes,
    disk_free_bytes: health.diskFreeBytes,
    mqtt_clients: health.clients,
    open_alarms: health.openAlarms.length,
    readings_waiting_for_the_store: health.stored.waiting,
    readings_waiting_for_the_cloud: health.sync.backlog.readings,
    alarms_waiting_for_the_cloud: health.sync.backlog.alarms,
  }
  const houses = new Map(
    [...config.links.flatMap((link) => link.devices), ...config.mqttDevices].map(({ id, house }) => [
      id,
      house,
    ]),
  )
  const houseOf = (device: string) => houses.get(device) ?? ''
  const each = (read: (health: DeviceHealth) => number | undefined): Sample[] =>
    Object.entries(devices).flatMap(([device, health]) => {
      const value = read(health)
      return value === undefined ? [] : [{ labels: { house: houseOf(device), device }, value }]
    })
  const families: Family[] = [
    ...Object.entries(node).map(([name, value]) =>
      gauge(name, 'Of this node.', value === undefined ? [] : [{ labels: {}, value }]),
    ),
    counter(
      'events_total',
      'What the edge counted since it started, by name.',
      Object.entries(counters).map(([name, value]) => ({ labels: { name }, value })),
    ),
    gauge(
      'device_link_open',
      '1 while the link to the device is open.',
      each(({ link }) => (link === 'open' ? 1 : 0)),
    ),
    gauge(
      'device_last_frame_timestamp_seconds',
      'When the device said something good last; 0 never.',
      each(({ lastFrameAt }) => lastFrameAt / 1000),
    ),
    gauge(
      'device_frames_per_minute',
      'Good frames in the last minute.',
      each(({ perMinute }) => perMinute),
    ),
    counter(
      'device_frames_total',
      'Good frames since the bridge or edge started.',
      each(({ frames }) => frames),
    ),
    counter(
      'device_reopened_total',
      'How often the link was opened anew.',
      each(({ reopened }) => reopened),
    ),
    counter(
      'device_discarded_total',
      'What was thrown away or missed, by reason: frames, or bytes for noise.',
      Object.entries(devices).flatMap(([device, { discarded }]) =>
        Object.entries(discarded).map(([reason, value]) => ({
          labels: { house: houseOf(device), device, reason },
          value,
        })),
      ),
    ),
    gauge(
      'device_stuck',
      '1 while one of its values stays the same for longer than it can.',
      each(({ stuck }) => (stuck ? 1 : 0)),
    ),
    gauge(
      'device_battery_percent',
      'Charge of its battery.',
      each(({ battery }) => battery),
    ),
  ]
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(writeFamily)
    .join('')
}

const gauge = (name: string, help: string, samples: Sample[]): Family => ({
  name,
  type: 'gauge',
  help,
  samples,
})
const counter = (name: string, help: string, samples: Sample[]): Family => ({
  name,
  type: 'counter',
  help,
  samples,
})

function writeFamily({ name: short, type, help, samples }: Family): string {
  const name = `flockwise_${short}`
  const lines = samples.map(({ labels, value }) => `${name}${writeLabels(labels)} ${value}`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`)
  return parts.length > 0 ? `{${parts.join(',')}}` : ''
}

const quoted = (text: string): string =>
  text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
