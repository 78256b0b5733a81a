import { expect, it } from 'vitest'
import { createFlocks } from './flocks.ts'

it('knows the age of a flock from its placement on, and none before', () => {
  const flocks = createFlocks([{ id: 'h1', name: 'One', timeZone: 'Asia/Shanghai' }])
  flocks.replace([{ house: 'h1', birds: 9000, breed: 'ross-308', sex: 'as-hatched', placedOn: '2026-06-02' }])
  const ageAt = (time: string) => flocks.ageDays('h1', Date.parse(time))
  expect(ageAt('2026-06-01T15:59:59Z')).toBeUndefined()
  expect(ageAt('2026-06-01T16:00:00Z')).toBe(0)
  expect(ageAt('2026-06-03T16:00:00Z')).toBe(2)
  flocks.replace([])
  expect(ageAt('2026-06-03T16:00:00Z')).toBeUndefined()
})
