import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { NodeConfig } from '#domain/config.ts'
import { type Auger, newAuger, runAuger, shiftAuger } from '#domain/feed/auger.ts'
import { type EatenAt, hoursLeft, rememberEaten } from '#domain/feed/hours-left.ts'
import { newSilo, type Silo, shiftSilo, weighSilo } from '#domain/feed/silo.ts'
import { type MetricId, metrics } from '#domain/metrics.ts'
import type { Reading } from '#domain/reading.ts'
import { MINUTE } from '#domain/time.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import type { SeriesTable } from '../series-table.ts'

/** Feed of each silo or auger: eaten (`feed.mass`, cumulative), filled in (`feed.added`), and when it ends. */
export type Feed = {
  /** A live reading of any device; what changes at once comes back. */
  take(reading: Reading): void
  /** What is new, at most every few minutes. Call about once a second. */
  tick(now: number): Reading[]
  /** The edge's clock was corrected. */
  step(step: ClockStep): void
  close(): void
}

export type FeedDeps = {
  stores: NonNullable<NodeConfig['feed']>
  table: SeriesTable
  /** Small notes that survive a restart. */
  note(key: string): string | undefined
  setNote(key: string, value: string): void
}

const MODEL = 'feed@1'
const SAY_EVERY_MS = 5 * MINUTE

type State = {
  silo?: Silo
  auger?: Auger
  /** Of an auger's bin: what people filled in, less what was carried out. */
  filledKg: number
  toldAddedKg: number
  history: EatenAt[]
}
type Store = { settings: FeedDeps['stores'][number]; state: State; saidAt: number }

/** What of a note is used; a note of another version begins anew. */
const Note = Type.Object({
  filledKg: Type.Number(),
  toldAddedKg: Type.Number(),
  history: Type.Array(Type.Object({ t: Type.Number(), kg: Type.Number() })),
})

export function createFeed({ stores, table, note, setNote }: FeedDeps): Feed {
  const all = stores.map((settings): Store => ({ settings, state: read(note(keyOf(settings))), saidAt: 0 }))
  const save = ({ settings, state }: Store) => setNote(keyOf(settings), JSON.stringify(state))

  return {
    take({ series, t, value }) {
      for (const { settings, state } of all) {
        if (settings.house !== series.house || settings.device !== series.device) continue
        if (series.source === 'person' && series.metric === 'feed.added') state.filledKg += value
        if (series.source !== 'sensor') continue
        if (settings.kind === 'silo' && series.metric === 'feed.stock')
          state.silo = state.silo ? weighSilo(state.silo, t, value) : newSilo(t, value)
        if (settings.kind === 'auger' && series.metric === 'feed.auger') {
          const isOn = value > 0.5
          state.auger = state.auger ? runAuger(state.auger, t, isOn, settings.kgPerMinute) : newAuger(t, isOn)
        }
      }
    },

    tick(now) {
      return all.flatMap((store) => {
        if (Math.abs(now - store.saidAt) < SAY_EVERY_MS) return []
        store.saidAt = now
        const said = say(store, now)
        if (said.length > 0) save(store)
        return said
      })
    },

    step({ byMs, wrong }) {
      for (const store of all) {
        const { state } = store
        store.saidAt += byMs
        if (state.silo) state.silo = shiftSilo(state.silo, byMs)
        if (state.auger) state.auger = shiftAuger(state.auger, byMs)
        state.history = state.history.map(({ t, kg }) => {
          const isWrong = wrong !== undefined && t >= wrong.fromT && t <= wrong.toT
          return { t: isWrong ? t + byMs : t, kg }
        })
      }
    },

    close() {
      for (const store of all) if (store.state.silo || store.state.auger) save(store)
    },
  }

  function say({ settings, state }: Store, now: number): Reading[] {
    const { silo, auger } = state
    const eatenKg = silo?.eatenKg ?? auger?.carriedKg
    if (eatenKg === undefined) return []
    state.history = rememberEaten(state.history, { t: now, kg: eatenKg })
    const addedKg = (silo?.addedKg ?? 0) - state.toldAddedKg
    state.toldAddedKg += Math.max(0, addedKg)
    const isStockKnown = silo !== undefined || state.filledKg > 0
    const stockKg = silo?.levelKg ?? Math.max(0, state.filledKg - eatenKg)
    const left = isStockKnown ? hoursLeft(stockKg, state.history) : undefined
    const values: [MetricId, number | undefined][] = [
      ['feed.mass', eatenKg],
      ['feed.added', addedKg > 0 ? addedKg : undefined],
      // A silo's own scale says its stock.
      ['feed.stock', silo || !isStockKnown ? undefined : stockKg],
      ['feed.hours-left', left && Math.min(left, metrics['feed.hours-left'].max)],
    ]
    return values.flatMap(([metric, value]) => {
      const series = table.named(settings.house, settings.device, metric, 'model', MODEL)
      if (!series || value === undefined) return []
      return [{ series, t: table.stamp(series, now), value, quality: 'estimated' as const }]
    })
  }
}

const keyOf = ({ house, device }: { house: string; device: string }) => `feed.${house}.${device}`

function read(text: string | undefined): State {
  const empty: State = { filledKg: 0, toldAddedKg: 0, history: [] }
  if (text === undefined) return empty
  try {
    const body: unknown = JSON.parse(text)
    return Value.Check(Note, body) ? (body as State) : empty
  } catch {
    return empty
  }
}
