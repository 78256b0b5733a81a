import { describe, expect, it } from 'vitest'
import { readSimulatorConfig } from './simulator-config.ts'

const house = {
  id: 'h1',
  breed: 'ross-308-2022',
  placedOn: '2026-04-01',
  birds: 20_000,
  timeZone: 'Asia/Shanghai',
}
const good = {
  seed: 1,
  houses: [house],
  mqtt: { url: 'mqtt://127.0.0.1:1883', users: { logger: 'x' } },
  historyDays: 21,
}

describe('the configuration of the simulator', () => {
  it('is read', () => {
    expect(readSimulatorConfig(good)).toEqual({ ok: true, config: good })
  })

  it.each([
    ['/houses/0/breed', { ...good, houses: [{ ...house, breed: 'ostrich' }] }],
    ['/houses/0/id', { ...good, houses: [{ ...house, id: 'House 1' }] }],
    ['/houses/0/placedOn', { ...good, houses: [{ ...house, placedOn: 'yesterday' }] }],
    ['/houses/0/timeZone', { ...good, houses: [{ ...house, timeZone: 'Shanghai' }] }],
    ['/mqtt/url', { ...good, mqtt: { url: 'http://x', users: {} } }],
    ['/historyDays', { ...good, historyDays: 1000 }],
    ['/houses', { seed: 1, houses: [] }],
    ['/houses', { ...good, houses: [house, house] }],
    ['/', 'nonsense'],
  ])('names a mistake at %s', (path, input) => {
    const read = readSimulatorConfig(input)
    expect(read.ok).toBe(false)
    if (!read.ok) expect(read.mistakes.map((mistake) => mistake.path)).toContain(path)
  })

  it('names all of them at once', () => {
    const read = readSimulatorConfig({
      seed: 'x',
      houses: [{ ...house, birds: 0, breed: 'ostrich' }],
      historyDays: -1,
    })
    expect(read.ok === false && read.mistakes.length).toBeGreaterThanOrEqual(4)
  })
})
