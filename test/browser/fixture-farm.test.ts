import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { expect, it } from 'vitest'
import { AlarmView, ChartSeries, EntryView, HealthView, Me, Overview, ThermalView } from '#domain/api/farm.ts'
import { LedgerView } from '#domain/ledger.ts'
import { chartAnswer, createFixtureFarm, type FarmState } from './fixture-farm.ts'

// The page is tested against these answers, so they must be what the service may say.
it.each<FarmState>(['normal', 'empty', 'stale', 'alarm'])(
  'the canned answers of a farm that is %s fit the schemas',
  (state) => {
    const now = Date.now()
    const farm = createFixtureFarm(state, now)
    const mistakes = [
      ...Value.Errors(Me, farm.me),
      ...Value.Errors(Overview, farm.overview),
      ...Value.Errors(Type.Array(AlarmView), farm.alarms),
      ...Value.Errors(HealthView, farm.health),
      ...Value.Errors(LedgerView, farm.ledger),
      ...Value.Errors(Type.Array(EntryView), farm.entries),
      ...Value.Errors(Type.Array(ThermalView), farm.thermal),
      ...Value.Errors(Type.Array(ChartSeries), chartAnswer('air.temperature', now - 3_600_000, now, 240)),
    ]
    expect(mistakes).toEqual([])
  },
)
