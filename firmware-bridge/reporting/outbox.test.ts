import { expect, it } from 'vitest'
import { MAX_SAMPLES_PER_MESSAGE, type Sample } from '#domain/topics.ts'
import { createOutbox, MAX_READINGS } from './outbox.ts'

const sample = (t: number, readings = 1): Sample => ({
  t,
  values: Object.fromEntries(Array.from({ length: readings }, (_, index) => [`m${index}`, t])),
})

it('gives back what it got, in order, devices in turn', () => {
  const outbox = createOutbox<string>(() => {})
  for (let t = 0; t < MAX_SAMPLES_PER_MESSAGE + 2; t++) outbox.add('a', sample(t))
  outbox.add('b', sample(7))
  const taken = [outbox.take(), outbox.take(), outbox.take()]
  expect(taken.map((message) => [message?.device, message?.samples.length, message?.samples[0]?.t])).toEqual([
    ['a', MAX_SAMPLES_PER_MESSAGE, 0],
    ['b', 1, 7],
    ['a', 2, MAX_SAMPLES_PER_MESSAGE],
  ])
  expect(outbox.take()).toBeUndefined()
  expect(outbox.size()).toBe(0)
})

it('drops the oldest of the device that holds most, and says how many readings that were', () => {
  const dropped: [string, number][] = []
  const outbox = createOutbox<string>((device, readings) => dropped.push([device, readings]), 10)
  outbox.add('quiet', sample(0))
  for (let t = 0; t < 6; t++) outbox.add('chatty', sample(t, 2))
  expect(outbox.size()).toBeLessThanOrEqual(10)
  expect(dropped).toEqual([
    ['chatty', 2],
    ['chatty', 2],
  ])
  const left = [outbox.take(), outbox.take()]
  expect(left.find((message) => message?.device === 'quiet')?.samples).toEqual([sample(0)])
  expect(left.find((message) => message?.device === 'chatty')?.samples.map(({ t }) => t)).toEqual([
    2, 3, 4, 5,
  ])
})

it('holds a hundred thousand readings and no more, quickly', () => {
  let drops = 0
  const outbox = createOutbox<number>((_, readings) => {
    drops += readings
  })
  for (let t = 0; t < 150_000; t++) outbox.add(t % 60, sample(t))
  expect(outbox.size()).toBe(MAX_READINGS)
  expect(drops).toBe(50_000)
})
