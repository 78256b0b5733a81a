import { expect, it } from 'vitest'
import { nodeConfig } from '../test/node-config.ts'
import { prometheusText } from './prometheus-text.ts'

const text = prometheusText(
  {
    ...{ isWell: true, uptimeS: 60, clients: 2, diskFreeBytes: undefined, rssBytes: 1e8, openAlarms: [{}] },
    ...{ sync: { backlog: { readings: 3, alarms: 0 } }, stored: { waiting: 0 } },
    counters: { 'ingest.stored': 5 },
    devices: {
      'air-1': {
        ...{ t: 1, link: 'open', lastFrameAt: 1_700_000_000_500, frames: 7, reopened: 1 },
        ...{ discarded: { noise: 3, 'odd "reason"\\\n': 1 }, stuck: ['air.temperature'] },
        ...{ battery: 90, perMinute: 2.5 },
      },
      'cam-1': { t: 1, link: 'closed', lastFrameAt: 0, frames: 0, discarded: {}, reopened: 0 },
    },
  },
  nodeConfig('/'),
)

it('is made of comments and samples in the form that Prometheus reads', () => {
  const sample =
    /^flockwise_[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? -?[\d.e+-]+$/
  const comment = /^# (HELP flockwise_[a-z_]+ .+|TYPE flockwise_[a-z_]+ (counter|gauge))$/
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(line.startsWith('#') ? comment : sample)
  const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  expect(new Set(types).size).toBe(types.length)
})

it.each([
  'flockwise_store_well 1',
  'flockwise_open_alarms 1',
  'flockwise_readings_waiting_for_the_cloud 3',
  'flockwise_events_total{name="ingest.stored"} 5',
  'flockwise_device_link_open{house="h1",device="cam-1"} 0',
  'flockwise_device_last_frame_timestamp_seconds{house="h1",device="air-1"} 1700000000.5',
  'flockwise_device_discarded_total{house="h1",device="air-1",reason="noise"} 3',
  'flockwise_device_discarded_total{house="h1",device="air-1",reason="odd \\"reason\\"\\\\\\n"} 1',
  'flockwise_device_frames_per_minute{house="h1",device="air-1"} 2.5',
  'flockwise_device_stuck{house="h1",device="air-1"} 1',
  'flockwise_device_battery_percent{house="h1",device="air-1"} 90',
])('says %s', (line) => {
  expect(text.split('\n')).toContain(line)
})

it('leaves out what is not known', () => {
  expect(text).not.toContain('disk_free_bytes')
  expect(text).not.toContain('device_battery_percent{house="h1",device="cam-1"}')
})
