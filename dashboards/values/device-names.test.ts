import { expect, it } from 'vitest'
import type { LatestValue } from '#domain/api/farm.ts'
import { en } from '../i18n/en.ts'
import { zh } from '../i18n/zh.ts'
import { deviceNames } from './device-names.ts'

const says = (device: string, ...metrics: string[]): LatestValue[] =>
  metrics.map((metric) => ({ device, metric, by: '', t: 1, value: 1, quality: 'good' }))

it.each([
  [['thermal.max', 'thermal.min'], 'Thermal camera', '热像仪'],
  [['camera.live'], 'Camera', '摄像头'],
  [['sound.level'], 'Microphone', '麦克风'],
  [['bird.weight.mean'], 'Scale', '鸡秤'],
  [['siren.on', 'power.mains', 'fan.running'], 'Fan, power and siren box', '风机电源警笛箱'],
  [['outside.temperature', 'water.volume'], 'Water and feed meters', '水表料表'],
  [['outside.temperature'], 'Weather station', '舍外气象'],
  [['air.temperature', 'device.battery'], 'Wireless sensor', '无线传感器'],
  [['air.humidity', 'air.temperature', 'air.nh3'], 'Climate sensor', '环境传感器'],
  [['air.nh3'], 'Ammonia sensor', '氨气传感器'],
  [['device.signal'], 'x-1', 'x-1'],
])('a device that measures %j is called so', (metrics, english, chinese) => {
  expect(deviceNames(says('x-1', ...metrics), en).get('x-1')).toBe(english)
  expect(deviceNames(says('x-1', ...metrics), zh).get('x-1')).toBe(chinese)
})

it('several of a kind are counted in the order of their ids; the books are no device', () => {
  const latest = [...says('s-10', 'scale.load'), ...says('s-2', 'scale.load'), ...says('books', 'bird.count')]
  expect(Object.fromEntries(deviceNames(latest, en))).toEqual({ 's-2': 'Scale 1', 's-10': 'Scale 2' })
})
