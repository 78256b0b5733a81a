import { expect, it } from 'vitest'
import { channels, parseTopic, topicFor } from './topics.ts'

it.each(channels)('%s topics are read as they are written', (channel) => {
  expect(parseTopic(topicFor('h1', 'scale-1', channel))).toEqual({ house: 'h1', device: 'scale-1', channel })
})

it.each([
  '',
  'flockwise/v1/h1/d1',
  'flockwise/v1/h1/d1/readings/more',
  'flockwise/v1/h1/d1/secrets',
  'flockwise/v1//d1/readings',
  'flockwise/v1/+/d1/readings',
  'flockwise/v1/H1/d1/readings',
  'flockwise/v2/h1/d1/readings',
  '$SYS/broker',
])('"%s" is not ours', (topic) => {
  expect(parseTopic(topic)).toBeUndefined()
})
