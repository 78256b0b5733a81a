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
