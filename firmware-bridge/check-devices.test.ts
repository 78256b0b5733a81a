import { expect, it } from 'vitest'
import { checkDevices } from './check-devices.ts'

const scale = (line: unknown, model = 'line-scale') => ({
  links: [{ id: 'scale', devices: [{ id: 'scale-1', house: 'h1', model, line }] }],
})
const at = '/links/0/devices/0/line'

it.each([
  undefined,
  {},
  { unit: 'kg' },
  { pattern: 'w=(?<value>\\d+)' },
  { pattern: '\\d+,(?<value>-?\\d+)', zero: 84_213, countsPerGram: -21.4 },
])('a scale that writes as %j says is taken', (line) => {
  expect(checkDevices(scale(line))).toEqual([])
})

it.each([
  [{ pattern: 'w=\\d+' }, `${at}/pattern`, 'has no group (?<value>…)'],
  [{ pattern: '(?<value>(?:\\d+)+)' }, `${at}/pattern`, 'repeats a group'],
  [{ zero: 84_213 }, `${at}/countsPerGram`, 'put a known mass on'],
  [{ countsPerGram: 0 }, `${at}/countsPerGram`, 'cannot be weighed'],
])('%j is a mistake', (line, path, message) => {
  expect(checkDevices(scale(line))).toEqual([{ path, message: expect.stringContaining(message) }])
})

it('only a scale that writes lines takes a pattern', () => {
  for (const model of ['xk3190', 'louver-shield'])
    expect(checkDevices(scale({}, model))[0]).toEqual({
      path: at,
      message: `${model} writes in a format of its own`,
    })
})

const link = (via: object, device: object) => ({
  links: [{ id: 'l', via, devices: [{ id: 'd', house: 'h1', ...device }] }],
})
const device = '/links/0/devices/0'

it.each([
  [{ type: 'rtsp' }, { model: 'camera', picture: { everyS: 5, maxWidth: 640 } }],
  [{ type: 'folder' }, { model: 'camera' }],
  [{ type: 'rtsp' }, { model: 'microphone' }],
  [{ type: 'replay' }, { model: 'microphone' }],
  [{ type: 'v4l2' }, { model: 'lepton-3', thermal: { emissivity: 0.95, reflectedC: 22 } }],
  [{ type: 'v4l2' }, { model: 'lepton-3-telemetry', thermal: { emissivity: 0.95 } }],
  [{ type: 'snapshot' }, { model: 'hikvision-thermal', picture: { everyS: 10 } }],
  [{ type: 'serial' }, { model: 'gy-mcu90640', thermal: { emissivity: 0.97, deviceEmissivity: 0.95 } }],
])('a link %j with %j is taken', (via, of) => {
  expect(checkDevices(link(via, of))).toEqual([])
})

it.each([
  [{ type: 'serial' }, { model: 'camera' }, 'model', 'not reached by serial, but by rtsp'],
  [{ type: 'rtsp' }, { model: 'xk3190' }, 'model', 'not reached by rtsp, but by serial'],
  [{ type: 'rtsp' }, { model: 'lepton-3' }, 'model', 'but by v4l2'],
  [{ type: 'modbus-tcp' }, { model: 'camera' }, 'model', 'does not speak Modbus'],
  [{ type: 'v4l2' }, { model: 'lepton-3', thermal: { emissivity: 0.9 } }, 'thermal/reflectedC', 'how warm'],
  [
    { type: 'serial' },
    { model: 'mlx90640-raw', thermal: { deviceEmissivity: 1 } },
    'thermal/deviceEmissivity',
    'here',
  ],
  [{ type: 'rtsp' }, { model: 'camera', thermal: {} }, 'thermal', 'no thermal camera'],
  [{ type: 'rtsp' }, { model: 'microphone', picture: {} }, 'picture', 'makes no pictures'],
  [{ type: 'serial' }, { model: 'gy-mcu90640', picture: { maxWidth: 64 } }, 'picture/maxWidth', 'as it is'],
])('a link %j with %j is a mistake', (via, of, path, message) => {
  expect(checkDevices(link(via, of))).toEqual([
    { path: `${device}/${path}`, message: expect.stringContaining(message) },
  ])
})

it('two cameras cannot share a link', () => {
  const both = [1, 2].map((id) => ({ id: `cam-${id}`, house: 'h1', model: 'camera' }))
  expect(checkDevices({ links: [{ id: 'l', via: { type: 'rtsp' }, devices: both }] })[0]?.message).toContain(
    'a link of its own',
  )
})
