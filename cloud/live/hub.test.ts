import { expect, it } from 'vitest'
import { HOUR } from '#domain/time.ts'
import { fakeClock } from '../test/open-test-cloud.ts'
import { createHub, type HubOptions } from './hub.ts'

function hubWith(options: Partial<HubOptions> = {}) {
  const clock = fakeClock()
  const changes: string[] = []
  const dropped: string[] = []
  const hub = createHub({
    clock,
    onAudienceChange: (farm) => changes.push(farm),
    onDropped: (farm) => dropped.push(farm),
    ...options,
  })
  return { hub, clock, changes, dropped }
}
const closed = (stream: { closed: boolean } | undefined) => expect.poll(() => stream?.closed).toBe(true)

it('drops a watcher that does not read, and only that one', async () => {
  const { hub, dropped, changes } = hubWith({ mostWaitingBytes: 10_000 })
  const slow = hub.watch('north', { session: 's1' })
  const quick = hub.watch('north', { session: 's2' })
  let read = 0
  quick?.on('data', (chunk: Buffer) => {
    read += chunk.length
  })
  for (let event = 0; event < 500; event++) {
    hub.publish('north', { kind: 'changed', house: 'h1' })
    if (event % 50 === 0) await new Promise(setImmediate)
  }
  await closed(slow)
  await expect.poll(() => read).toBeGreaterThan(500 * 30)
  expect(dropped).toEqual(['north'])
  expect([hub.isWatched('north'), changes]).toEqual([true, ['north']])
  hub.close()
})

it('has room for so many and no more, and room again when one goes', async () => {
  const { hub } = hubWith({ mostPerFarm: 2, mostInAll: 3 })
  const first = hub.watch('north', { session: 's' })
  expect(hub.watch('north', { session: 's' })).toBeDefined()
  expect(hub.watch('north', { session: 's' })).toBeUndefined()
  expect(hub.watch('south', { session: 's' })).toBeDefined()
  expect(hub.watch('south', { session: 's' })).toBeUndefined()
  first?.destroy()
  await expect.poll(() => hub.watch('south', { session: 's' })).toBeDefined()
  hub.close()
})

it('says that the line is alive, and ends streams after an hour', async () => {
  const { hub, clock } = hubWith()
  const stream = hub.watch('north', { session: 's' })
  let text = ''
  stream?.on('data', (chunk: Buffer) => {
    text += chunk
  })
  hub.beat()
  await expect.poll(() => text).toBe('retry: 3000\n\n:\n\n')
  clock.advance(HOUR + 1)
  hub.beat()
  await closed(stream)
  expect(hub.isWatched('north')).toBe(false)
})
