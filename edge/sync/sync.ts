import { Value } from 'typebox/value'
import { routes } from '#domain/api/routes.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { EnrolmentAnswer, type Live, SIGN_OF_LIFE_MS, Wants } from '#domain/sync.ts'
import { type Clock, MINUTE, SECOND } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import type { LatestFrame } from '../thermal/thermal.ts'
import { createAlarmsOutbox } from './alarms-outbox.ts'
import { type CloudAnswer, type CloudRequest, createCloudClient } from './cloud-client.ts'
import type { Identity } from './identity.ts'
import { createLane, type Lane, type Step } from './lane.ts'
import { createLedgerTelling } from './ledger-telling.ts'
import { readWants } from './noted-wants.ts'
import { createOfflineTimes } from './offline-times.ts'
import { createPictures, PICTURE_MS } from './pictures.ts'
import { createPollWait } from './poll-wait.ts'
import { createReadingsOutbox } from './readings-outbox.ts'
import { createRepeat, type Pause, retryWaits } from './repeat.ts'
import { createWaker } from './waker.ts'
import { createWireDictionary } from './wire-dictionary.ts'

/** How the edge and the cloud fare together, for the health page. */
export type SyncStatus = {
  state: 'no-cloud' | 'not-enrolled' | 'connecting' | 'connected' | 'failing'
  edge?: string
  why?: string
  backlog: Record<'readings' | 'alarms', number>
}

export type Sync = {
  /** Something urgent was stored: an alarm. */
  wake(): void
  status(): SyncStatus
  close(): Promise<void>
}

export type SyncDeps = {
  url: string
  enrolCode: string | undefined
  identity: Identity
  store: EdgeStore
  clock: Clock
  counters: Counters
  /** 0 … 1. */
  random: () => number
  isAlarmOpen(): boolean
  onWants(wants: Wants): void
  /** What `Live` tells besides the backlog. `readings`: the newest value of each series. */
  live(): { readings: Reading[]; devices: Live['devices'] }
  /** What scales of these houses show now, which is not stored. */
  loads(houses: readonly string[]): Reading[]
  frames(houses: readonly string[]): LatestFrame[]
  /** The time of each answer of the cloud, UTC ms, and how long the exchange took. */
  onDate?(serverMs: number, rttMs: number): void
}

/** While somebody watches or an alarm is open; the line costs money otherwise. */
const SOON_MS = 500
/** An alarm, and the question what is wanted, do not wait longer than this for a line that is back. */
const SOONER_MS = 5 * SECOND
const SELDOM_MS = 1 * MINUTE
const LIVE_MS = 1 * SECOND
/** A cloud that answers a long poll at once is not asked more often than this. */
const WANTS_PAUSE_MS = 1 * SECOND
const REFUSED_MS = 5 * MINUTE
/** A backlog drains without a pause: some minutes of a farm at full rate. */
const MANY_READINGS = 2_000
/** How the edge fares is said this often to those who watch, and to nobody in particular. */
const FARES_MS = 15 * SECOND
const FARES_SELDOM_MS = 10 * MINUTE
/** A little after the batch that is due: that is a sign of life as well. */
const SILENT_MS = SIGN_OF_LIFE_MS + 5 * SECOND

/** Keeps the cloud in step: enrols once, then runs what was stored, what is wanted, and how the edge fares. */
export function openSync(deps: SyncDeps): Sync {
  const { enrolCode, identity, store, clock, counters, random } = deps
  const closing = new AbortController()
  const online = createCloudClient({
    ...deps,
    closed: closing.signal,
    onDate(serverMs, rttMs) {
      offline.heard(serverMs)
      deps.onDate?.(serverMs, rttMs)
    },
  })
  let heardAt = Number.NEGATIVE_INFINITY
  const client = {
    async send(request: CloudRequest) {
      const answer = await online.send(request)
      if (answer.kind === 'ok') heardAt = clock.monotonic()
      return answer
    },
  }
  let wants = readWants(store.note('wants'))
  if (wants) deps.onWants(wants)
  let isWatched = false
  let state: SyncStatus['state'] = identity.edge() ? 'connecting' : 'not-enrolled'
  let why: string | undefined
  let readingsSentAt = Number.NEGATIVE_INFINITY

  const onStoreFailed = (error: unknown) => counters.count('store.commit-failed', `sync: ${error}`)
  const keepNote = (key: string, value: string) => {
    try {
      store.setNote(key, value)
    } catch (error) {
      onStoreFailed(error)
    }
  }

  const offline = createOfflineTimes({ clock, note: store.note, keepNote })
  const repeat = createRepeat({ clock, random, closed: closing.signal, onThrown: onStoreFailed })

  const dictionary = createWireDictionary(clock, () => deps.live().readings)
  const laneDeps = { store, keepNote, client, counters }
  const readings = createLane({
    ...{ name: 'readings', ...laneDeps },
    outbox: createReadingsOutbox({ store, client, clock, counters, dictionary }),
    onPutBack: () => ledger.tellAnew(),
  })
  const alarms = createLane({
    ...{ name: 'alarms', ...laneDeps },
    outbox: createAlarmsOutbox(store, client),
  })

  const noteAnswer = (answer: CloudAnswer | Step) => {
    if (answer.kind === 'ok' || answer.kind === 'more' || answer.kind === 'done') {
      state = 'connected'
      why = undefined
    } else if (answer.kind === 'failed' || answer.kind === 'retry' || answer.kind === 'problem') {
      const isRefused = answer.kind === 'problem' && answer.code === 'edge-unknown'
      why = answer.kind === 'problem' ? `${answer.code}: ${answer.detail}` : answer.why
      counters.count(isRefused ? 'sync.refused' : 'sync.retries', why)
      state = 'failing'
    }
  }

  const enrol = async (code: string): Promise<boolean> => {
    identity.keep()
    const answer = await client.send({
      method: 'POST',
      path: routes.edgeEnrol,
      json: JSON.stringify({ code, publicKey: identity.publicKey }),
    })
    noteAnswer(answer)
    if (answer.kind === 'problem') counters.count('sync.enrolment-failed', `${answer.code}: ${answer.detail}`)
    if (answer.kind !== 'ok' || !Value.Check(EnrolmentAnswer, answer.body)) return false
    if (identity.edge()) for (const lane of [readings, alarms]) lane.restart()
    ledger.tellAnew()
    identity.enrolled(answer.body.edge, answer.body.farm)
    readingsSentAt = Number.NEGATIVE_INFINITY
    return true
  }

  /** Enrols, however long it takes; without a code it waits for a restart with one. */
  const untilEnrolled = async () => {
    const { sleep } = createWaker(closing.signal)
    const waits = retryWaits(random)
    while (!closing.signal.aborted && !identity.edge()) {
      if (enrolCode && (await enrol(enrolCode).catch(onStoreFailed))) return
      if (!enrolCode) state = 'not-enrolled'
      await sleep(enrolCode ? waits.next().value : REFUSED_MS)
    }
  }

  const isUrgent = () => isWatched || deps.isAlarmOpen()
  const isReadingsTime = () =>
    isUrgent() || readings.backlog() >= MANY_READINGS || clock.monotonic() - readingsSentAt >= SELDOM_MS

  const runLane = async (lane: Lane, isTime: () => boolean): Promise<Pause> => {
    if (!isTime()) return SOON_MS
    const step = await lane.step()
    if (step.kind === 'idle') return SOON_MS
    noteAnswer(step)
    if (step.kind === 'retry') return { atLeastMs: step.waitMs }
    if (lane === readings && step.kind === 'done') readingsSentAt = clock.monotonic()
    if (step.waitMs) return { afterMs: step.waitMs }
    return step.kind === 'more' ? 'more' : SOON_MS
  }

  const pollWait = createPollWait()
  /** Whether somebody watches is to be asked anew, also where nothing has changed. */
  let isUnsure = true
  const askWants = async (): Promise<Pause> => {
    const start = clock.monotonic()
    const waitMs = pollWait.ms()
    const answer = await client.send({
      method: 'GET',
      path: `${routes.edgeWants}?version=${(!isUnsure && wants?.version) || 0}&waitMs=${waitMs}`,
      timeoutMs: waitMs + 20 * SECOND,
    })
    const heldMs = clock.monotonic() - start
    if (answer.kind === 'failed' && pollWait.wasCut(heldMs)) return { afterMs: WANTS_PAUSE_MS }
    isUnsure = answer.kind !== 'ok'
    if (answer.kind !== 'ok') {
      isWatched = false
      noteAnswer(answer)
      if (answer.kind === 'failed' || answer.code !== 'edge-unknown')
        return { atLeastMs: answer.retryAfterMs }
      // The cloud was set up anew: a new code makes this edge known again, and its backlog is sent from the start.
      const isBack = enrolCode !== undefined && (await enrol(enrolCode))
      return isBack ? 'more' : { afterMs: REFUSED_MS }
    }
    noteAnswer(answer)
    pollWait.wasAnswered(heldMs)
    // Null: there is no news.
    if (!Value.Check(Wants, answer.body)) return WANTS_PAUSE_MS
    const isNews = answer.body.version !== wants?.version
    if (answer.body.watched && !isWatched) shown.clear()
    isWatched = answer.body.watched
    if (!isNews) return WANTS_PAUSE_MS
    wants = answer.body
    keepNote('wants', JSON.stringify(wants))
    deps.onWants(wants)
    readingsWaker.wake()
    liveWaker.wake()
    return 100
  }

  let faredAt = Number.NEGATIVE_INFINITY
  let wasBehind = false
  /** The time of what was shown last of each series. */
  const shown = new Map<Series, number>()
  const sayLive = async (): Promise<Pause> => {
    const now = clock.monotonic()
    const forEyes = isWatched && readings.backlog() > MANY_READINGS
    // The backlog has drained: whoever watches is told at once.
    const hasCaughtUp = wasBehind && !forEyes
    wasBehind = forEyes
    const isDue =
      now - faredAt >= (isWatched ? FARES_MS : FARES_SELDOM_MS) - LIVE_MS || now - heardAt >= SILENT_MS
    const isNew = ({ series, t }: Reading) => shown.get(series) !== t
    const loads = isWatched ? deps.loads(wants?.pictures ?? []).filter(isNew) : []
    if (!forEyes && !hasCaughtUp && !isDue && loads.length === 0) return LIVE_MS
    const { readings: newest, devices } = deps.live()
    const changed = [...(forEyes ? newest.filter(isNew) : []), ...loads]
    const live: Live = {
      t: clock.now(),
      backlog: readings.backlog() + alarms.backlog(),
      readings: changed,
      counters: counters.values(),
      devices,
    }
    const answer = await client.send({ method: 'POST', path: routes.edgeLive, json: JSON.stringify(live) })
    if (answer.kind === 'ok') {
      faredAt = now
      for (const { series, t } of changed) shown.set(series, t)
      return loads.length > 0 && !forEyes ? PICTURE_MS : LIVE_MS
    }
    noteAnswer(answer)
    return { atLeastMs: answer.retryAfterMs }
  }

  const pictures = createPictures(client, () => deps.frames(wants?.pictures ?? []))
  const ledger = createLedgerTelling({
    ...{ store, client, clock, offline, keepNote, lane: readings },
    isWatched: () => isWatched,
  })

  const readingsWaker = createWaker(closing.signal)
  const alarmsWaker = createWaker(closing.signal)
  const liveWaker = createWaker(closing.signal)
  const ended = untilEnrolled().then(() =>
    Promise.all([
      repeat(() => runLane(alarms, () => true), { waker: alarmsWaker, longestMs: SOONER_MS }),
      repeat(() => runLane(readings, isReadingsTime), { waker: readingsWaker }),
      repeat(askWants, { longestMs: SOONER_MS }),
      repeat(sayLive, { waker: liveWaker }),
      repeat(pictures.step),
      repeat(ledger.step),
    ]),
  )

  return {
    wake() {
      alarmsWaker.wake()
      readingsWaker.wake()
    },
    status: () => {
      const edge = identity.edge()
      return {
        state,
        backlog: { readings: readings.backlog(), alarms: alarms.backlog() },
        ...(edge && { edge }),
        ...(why && { why }),
      }
    },
    async close() {
      closing.abort()
      await ended
    },
  }
}
