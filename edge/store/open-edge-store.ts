import { readingsOf } from '#domain/columns/runs.ts'
import type { Reading, Series } from '#domain/reading.ts'
import type { LaneName } from '#domain/sync.ts'
import type { Database } from '#sqlite-file/database.ts'
import { openAlarmLane } from './alarm-lane.ts'
import { forgetArrivals, storedAt, takeArrivals } from './arrivals.ts'
import { openClaims } from './claims.ts'
import { openCorrections } from './corrections.ts'
import { openDayCounts } from './day-counts.ts'
import type { Correction, EdgeStore } from './edge-store.ts'
import type { Arrival } from './fresh-body.ts'
import { openFreshPieces } from './fresh-pieces.ts'
import { openHours } from './hours.ts'
import { openLaneEpochs } from './lane-epochs.ts'
import { type FreshPart, takeMoved } from './moved-parts.ts'
import { newestReading, noteNewest, openNewestTable } from './newest.ts'
import { openNotes } from './notes.ts'
import { openOutbox } from './outbox.ts'
import { clockOf } from './piece-head.ts'
import { openRoom, type RoomLimits } from './room.ts'
import { openSealedPieces } from './sealed-pieces.ts'
import { sealNext } from './sealing.ts'
import { openSeriesBook, type StoredSeries } from './series-book.ts'
import { openThinning } from './thinning.ts'
import { positionOf, putReading, putRun, seriesRun, type TimedRun } from './timed-run.ts'

export type EdgeStoreOptions = {
  /** A piece cannot be read any more: which, and how many readings it held. Told once for each. */
  onDamaged?(what: string, readings: number): void
  /** Single readings made room before they could be sent; means of an hour stand for them. */
  onThinned?(readings: number): void
  /** Where the database lies and how much it may take; without it, it is as large as it gets. */
  room?: RoomLimits & { dataDir: string }
}

/** The store in a database of `edgeMigrations`. Opening writes nothing: a full disk takes nothing. */
export function openEdgeStore(
  database: Database,
  { onDamaged = () => {}, onThinned = () => {}, room }: EdgeStoreOptions = {},
): EdgeStore {
  const book = openSeriesBook(database)
  const fresh = openFreshPieces(database, book, onDamaged)
  const sealed = openSealedPieces(database, book, onDamaged)
  const newest = openNewestTable(database, book, sealed)
  const hours = openHours(database, book, sealed)
  const notes = openNotes(database)
  const alarms = openAlarmLane(database, () => Number(notes.note('watermark.alarms') ?? 0), onDamaged)
  let last = Math.max(fresh.lastNumber(), sealed.lastNumber())
  let waiting = fresh.count()
  let version = 0
  const lastNumber = (lane: LaneName) => (lane === 'readings' ? last : alarms.lastNumber())
  const epochs = openLaneEpochs(database, notes, lastNumber)
  const outbox = openOutbox(database, fresh, sealed, last)

  const load = () => {
    for (const entry of book.all()) {
      entry.fresh = { t: [], v: [] }
      delete entry.newest
    }
    newest.load()
    for (const piece of fresh.after(0)) {
      if (piece.withdrawn) continue
      const clock = clockOf(piece)
      for (const arrival of fresh.read(piece) ?? []) {
        const { entry, t, v, mark } = arrival
        if (putReading(entry.fresh, t, v, mark)) noteNewest(arrival, clock)
      }
    }
  }
  load()

  /** Numbers are given here, one after the other: a duplicate takes none. */
  const append = (parts: readonly FreshPart[]) => {
    book.writeNew()
    let number = last
    for (const { arrivals, stamp } of parts) {
      fresh.insert(number + 1, arrivals, stamp)
      number += arrivals.length
    }
    return () => {
      waiting += number - last
      last = number
      book.keepNew()
      for (const { arrivals, stamp } of parts)
        if (!stamp.isOnlySent) for (const arrival of arrivals) noteNewest(arrival, stamp.clock)
    }
  }
  const { storeAgain, ...corrections } = openCorrections({
    ...{ database, book, fresh, sealed, hours, newest, append },
    sent: outbox.sent,
    reload() {
      version++
      sealed.reload()
      load()
    },
  })
  const watermark = () => Number(notes.note('watermark.readings') ?? 0)
  let steps = stepsOf(corrections.corrections())
  const claims = openClaims({
    ...{ database, book },
    steps: () => steps,
    valueAt: (entry, t) => storedAt(entry, t, sealed),
  })
  const sealing = {
    ...{ database, book, fresh, sealed, hours, newest, watermark },
    waiting: () => waiting,
    version: () => version,
    onSealed(numbers: number) {
      waiting -= numbers
    },
  }

  const thinning = openThinning({
    ...{ database, book, sealed, hours, watermark, onThinned },
    version: () => version,
    reload() {
      version++
      sealed.reload()
    },
  })
  const dayCounts = openDayCounts({ database, book, fresh, sealed, thinning, hours, watermark })
  const looked = room && openRoom(database, room.dataDir, room, watermark)

  const readingsBetween = (series: Series, from: number, to: number): Reading[] => {
    const entry = book.find(series)
    if (!entry) return []
    const all: TimedRun = { t: [], v: [] }
    for (const head of sealed.between(from, to))
      for (const run of sealed.runsOf(head, entry)) putRun(all, run)
    putRun(all, seriesRun(entry.series, entry.fresh))
    return readingsOf(seriesRun(entry.series, all)).slice(positionOf(all.t, from), positionOf(all.t, to))
  }

  return {
    epoch: epochs.epoch,
    unproved: epochs.unproved,
    prove: epochs.prove,
    startEpoch: epochs.startEpoch,
    commit({ readings: brought, events, clock, claims: said, movedByMs }) {
      const claimOf = (reading: Reading) => said?.get(reading)
      // What was moved is to be found at its right time by what comes again.
      if (said?.size) while (storeAgain());
      const readings = claims.fresh(brought, claimOf)
      const duplicates: { entry: StoredSeries; t: number }[] = []
      const stamp = { clock, movedByMs: 0, isOnlySent: false }
      const arrivals: Arrival[] = []
      try {
        const parts = movedByMs
          ? takeMoved({ readings, movedByMs: [movedByMs], clock }, book, sealed, arrivals)
          : [{ arrivals: takeArrivals(readings, book, sealed, (there) => duplicates.push(there)), stamp }]
        if (!movedByMs) arrivals.push(...(parts[0]?.arrivals ?? []))
        const keep = database.transaction(() => {
          epochs.note()
          alarms.write(events)
          const kept = append(parts)
          dayCounts.noteDuplicates(duplicates)
          if (said?.size) claims.note(readings, claimOf, last)
          return kept
        })
        keep()
        epochs.noted()
        return { stored: arrivals.length, duplicate: brought.length - arrivals.length }
      } catch (error) {
        forgetArrivals(arrivals)
        book.dropNew()
        throw error
      }
    },
    readingsAfter: outbox.readingsAfter,
    setPieceAside(piece, why) {
      version++
      return outbox.setPieceAside(piece, why)
    },
    piecesAside: outbox.piecesAside,
    eventsAfter: alarms.eventsAfter,
    lastNumber,
    latest: (house) => book.ofHouse(house).flatMap((entry) => newestReading(entry) ?? []),
    readingsBetween,
    hoursBetween(series, from, to) {
      const entry = book.find(series)
      return entry ? hours.between(entry, from, to) : []
    },
    modelValuesSince: (series, from) =>
      readingsBetween(series, from, Number.POSITIVE_INFINITY).map(({ t, value }) => ({ t, value })),
    ...corrections,
    moveReadings(move) {
      const correction = corrections.moveReadings(move)
      steps = stepsOf(corrections.corrections())
      return correction
    },
    async tidy({ sealAll }) {
      if (looked && looked.leftBytes() < 0 && (await thinning.thinOldest())) return 'more'
      if (storeAgain()) return 'more'
      const sealed = await sealNext(sealing, sealAll)
      return hours.mend() ? 'more' : sealed
    },
    freshReadings: () => waiting,
    room: () => looked?.look(),
    readingsByDay: dayCounts.totals,
    streamsOf: dayCounts.streamsOf,
    damagedOn: dayCounts.damagedOn,
    noteRefused: dayCounts.noteRefused,
    openAlarms: alarms.openAlarms,
    moveEvents: alarms.moveEvents,
    note: notes.note,
    setNote: notes.setNote,
    setAside: alarms.setAside,
    setAsideNumbers: alarms.setAsideNumbers,
    close: () => database.close(),
  }
}

/** Claims are compared with so many of the last corrections. */
const LAST_STEPS = 8

function stepsOf(corrections: readonly Correction[]): number[] {
  return [...new Set(corrections.slice(-LAST_STEPS).map(({ byMs }) => byMs))]
}
