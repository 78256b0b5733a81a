import { expect, it } from 'vitest'
import { type AlarmAction, type AlarmState, nextAlarmState } from './alarm.ts'

const run = (actions: AlarmAction[]) => actions.reduce<AlarmState>(nextAlarmState, 'normal')

it.each<[AlarmAction[], AlarmState]>([
  [['raised'], 'unacknowledged'],
  [['raised', 'acknowledged'], 'acknowledged'],
  [['raised', 'acknowledged', 'cleared'], 'normal'],
  [['raised', 'cleared'], 'returned'],
  [['raised', 'cleared', 'acknowledged'], 'normal'],
  [['raised', 'cleared', 'raised'], 'unacknowledged'],
  [['acknowledged'], 'normal'],
  [['cleared'], 'normal'],
  [['raised', 'raised'], 'unacknowledged'],
  [['raised', 'acknowledged', 'raised'], 'acknowledged'],
])('%j ends in %s', (actions, state) => {
  expect(run(actions)).toBe(state)
})
