import { expect, it } from 'vitest'
import { linkTo, type Place, readPlace } from './router.ts'

it.each<Place>([
  { view: 'overview' },
  { view: 'alarms' },
  { view: 'health' },
  { view: 'more' },
  { view: 'add-house' },
  { view: 'add-edge' },
  { view: 'house', house: 'house-1', tab: 'now' },
  { view: 'house', house: 'a b/ü', tab: 'charts' },
])('a place and its address are one: %o', (place) => {
  expect(readPlace(linkTo(place))).toEqual(place)
})

it.each(['', '#', '#/', '#/nothing', '#/house', '#/%E0%A4%A'])('%s is the overview', (hash) => {
  expect(readPlace(hash)).toEqual({ view: 'overview' })
})
