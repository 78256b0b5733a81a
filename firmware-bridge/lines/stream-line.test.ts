import { expect, it } from 'vitest'
import type { LoadBlock } from '#domain/block.ts'
import type { LoadDefinition } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import type { ConnectionEvents } from '../links/link.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'
import type { Values } from './line.ts'
import { createStreamLine } from './stream-line.ts'

const T = Date.UTC(2026, 4, 1)

/** A scale on a line that the test speaks for; `atMs` is when. */
function openScale(model: string, metrics: Record<string, string> = {}) {
  let atMs = 0
  let events: ConnectionEvents | undefined
  const clock = { now: () => T + atMs, monotonic: () => atMs }
  const counters = createDeviceCounters()
  const blocks: LoadBlock[] = []
  const values: Values[] = []
  const device = {
    config: { id: 'scale', house: 'h1', model, metrics },
    counters,
    values: (_t: number, said: Values) => void values.push(said),
    block: (block: LoadBlock) => void blocks.push(block),
    sound() {},
    thermal() {},
    picture() {},
  }
  const definition = findDevice(model) as LoadDefinition
  const via = { type: 'tcp', host: '127.0.0.1', port: 1 } as const
  const line = createStreamLine(
    {
      link: { id: 'scale', via, devices: [device.config] },
      devices: [device],
      connect(heard) {
        events = heard
        return { write() {}, close() {} }
      },
      clock,
      random: () => 0.5,
      onStatus() {},
    },
    device,
    definition,
  )
  events?.opened()
  return {
    blocks,
    values,
    health: () => counters.health(clock.now(), line.status()),
    say(grams: number | undefined, at: number) {
      atMs = at
      events?.bytes(definition.encode({ grams }))
    },
    close: () => line.close(),
  }
}

it('a load that cannot be, and none at all, are counted and in no block', () => {
  const scale = openScale('toledo')
  scale.say(1500, 0)
  scale.say(undefined, 100)
  expect(scale.health().error).toBe('the scale shows no weight: overload')
  scale.say(-400_000, 200)
  expect(scale.health().error).toContain('-400000 g cannot be')
  scale.say(1510, 300)
  scale.close()
  expect(scale.blocks).toEqual([{ t: T, stepMs: 300, grams: [1500, 1510] }])
  expect(scale.values).toEqual([{ 'scale.load': 1500 }, { 'scale.load': 1510 }])
  const { discarded, error } = scale.health()
  expect(discarded).toEqual({ fault: 1, implausible: 1 })
  expect(error).toBeUndefined()
})

it('weighs a silo in kilograms, beyond what a bird scale carries, and makes no blocks of it', () => {
  const silo = openScale('xk3190', { load: 'feed.stock' })
  for (let at = 0; at < 3000; at += 100) silo.say(400_000, at)
  expect(silo.values.at(-1)).toEqual({ 'feed.stock': 400 })
  expect(silo.blocks).toEqual([])
  silo.close()
})
