import { expect, it } from 'vitest'
import { comeBack } from './many-edges.ts'

it('two hundred edges that come back together do not flatten the cloud, and lose nothing', async () => {
  const { readings, inCloud, slowestMs, statuses } = await comeBack(200, 2, 200)
  expect(inCloud).toBe(readings)
  // Nobody waits long for an answer: the queue is bounded, and those who find it full are told when to come back.
  expect(slowestMs).toBeLessThan(10_000)
  expect(Object.keys(statuses).filter((status) => status !== '200' && status !== '429')).toEqual([])
}, 120_000)
