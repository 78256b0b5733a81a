import type {
  AlarmView,
  LiveEvent,
  Me,
  NewFarm,
  NewSession,
  Overview,
  Setup,
  SetupState,
} from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { SECOND } from '#domain/time.ts'
import type { Api, Failure, Result } from '../api/client.ts'
import type { Kept, KeptAnswers } from '../api/kept-answers.ts'
import type { LiveStream } from '../api/live-stream.ts'
import { applyEvent } from './apply-event.ts'
import { initialState, type Notice, type State } from './state.ts'
import type { Store } from './store.ts'

type Deps = {
  api: Api
  kept: KeptAnswers
  store: Store<State>
  /** This phone's clock, UTC ms. */
  clock(): number
  openStream(given: {
    url: string
    onUp(): void
    onDown(): void
    onEvent(event: LiveEvent): void
  }): LiveStream
}

/** Everything that happens to the state. Views call these and read the store. */
export type Actions = ReturnType<typeof createActions>

/** Offsets below this are the journey of the answer, not a wrong clock. */
const CLOCK_TOLERANCE_MS = 10 * SECOND
const RETRY_MS = 5 * SECOND
/** With the stream open and nothing on it for so long, one question shows whether anybody is there. */
const SILENCE_MS = 30 * SECOND
const KEEP_EVERY_MS = 10 * SECOND
const NOTICE_MS = 10 * SECOND

export function createActions({ api, kept, store, clock, openStream }: Deps) {
  let stream: LiveStream | undefined
  let watchedHouse: string | undefined
  let heardAt = 0
  let keptOverviewAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let refreshing: Promise<void> | undefined
  let noticeTimer: ReturnType<typeof setTimeout> | undefined

  const serverNow = () => clock() + store.get().clockOffsetMs
  const farmPath = (route: (typeof routes)[keyof typeof routes], parts: Record<string, string> = {}) =>
    path(route, { farm: store.get().farm ?? '', ...parts })

  async function start(): Promise<void> {
    const known = await kept.get<Me>(routes.session)
    if (known) await enter(known.body)
    const result = await api.get<Me>(routes.session)
    if (result.ok) {
      void kept.put(routes.session, { at: clock(), body: result.body })
      await enter(result.body)
    } else if (isLogOut(result.failure)) await askWho()
    else tryAgain(start, known === undefined)
  }

  function tryAgain(what: () => Promise<void>, nothingKnown: boolean) {
    store.set(nothingKnown ? { phase: 'unreachable', link: 'down' } : { link: 'down' })
    clearTimeout(retry)
    retry = setTimeout(() => void what(), RETRY_MS)
  }

  async function askWho(): Promise<void> {
    stream?.close()
    stream = undefined
    await kept.clear()
    const setup = await api.get<SetupState>(routes.setup)
    if (!setup.ok && setup.failure.kind === 'offline') return tryAgain(start, true)
    store.set({ ...initialState, phase: setup.ok && setup.body.needed ? 'setup' : 'log-in' })
  }

  /** Shows a farm: what is kept at once, then what is. */
  async function enter(me: Me): Promise<void> {
    const farm = me.farms.find(({ id }) => id === store.get().farm) ?? me.farms[0]
    store.set({ me, farm: farm?.id, phase: farm ? 'farm' : 'no-farm' })
    if (!farm) return
    const overviewPath = farmPath(routes.overview)
    if (!store.get().overview) {
      const known = await kept.get<Overview>(overviewPath)
      if (known && !store.get().overview) showOverview(known)
    }
    if (!stream) connect()
  }

  function showOverview({ at, body }: Kept<Overview>) {
    store.set({ overview: body, knownAt: at })
  }

  /** Several that ask at the same moment get one answer: each question costs on a bad line. */
  function refreshOnce(): Promise<void> {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function refresh(): Promise<void> {
    if (!store.get().farm) return
    const [overview, alarms] = await Promise.all([
      api.get<Overview>(farmPath(routes.overview)),
      api.get<AlarmView[]>(farmPath(routes.alarms)),
    ])
    if (alarms.ok) {
      store.set({ alarms: alarms.body })
      void kept.put(farmPath(routes.alarms), { at: serverNow(), body: alarms.body })
    } else if (!store.get().alarms) {
      store.set({ alarms: (await kept.get<AlarmView[]>(farmPath(routes.alarms)))?.body })
    }
    if (!overview.ok) return failed(overview.failure)
    const offset = overview.body.t - clock()
    heardAt = clock()
    store.set({
      clockOffsetMs: Math.abs(offset) < CLOCK_TOLERANCE_MS ? 0 : offset,
      link: 'live',
      failure: undefined,
    })
    showOverview({ at: overview.body.t, body: overview.body })
    keepOverview()
  }

  function failed(failure: Failure) {
    if (isLogOut(failure)) void askWho()
    else store.set({ link: 'down', failure })
  }

  function keepOverview() {
    const { overview, knownAt } = store.get()
    if (!overview) return
    keptOverviewAt = clock()
    void kept.put(farmPath(routes.overview), { at: knownAt, body: overview })
  }

  function connect() {
    const { farm } = store.get()
    stream?.close()
    if (!farm) return
    const query = watchedHouse === undefined ? '' : `?house=${encodeURIComponent(watchedHouse)}`
    // The stream tells of changes; what was before it opened is asked for at the same time.
    void refreshOnce()
    let opened = false
    stream = openStream({
      url: `${farmPath(routes.live)}${query}`,
      onUp() {
        if (opened) void refreshOnce()
        opened = true
      },
      onDown() {
        opened = true
        // A stream that ends may only be a proxy's limit: one question tells.
        void refreshOnce()
      },
      onEvent(event) {
        heardAt = clock()
        store.set({ ...applyEvent(store.get(), event), knownAt: serverNow(), link: 'live' })
        if (event.kind === 'changed') void refreshHouse(event.house)
        if (clock() - keptOverviewAt > KEEP_EVERY_MS) keepOverview()
      },
    })
  }

  async function refreshHouse(id: string): Promise<void> {
    const result = await api.get<Overview['houses'][number]>(farmPath(routes.house, { house: id }))
    const { overview } = store.get()
    if (!result.ok || !overview) return
    const houses = overview.houses.map((house) => (house.id === id ? result.body : house))
    store.set({ overview: { ...overview, houses } })
  }

  /** To be called every few seconds while the page is looked at. */
  function tick() {
    if (store.get().phase === 'farm' && stream && clock() - heardAt > SILENCE_MS) {
      heardAt = clock()
      void refreshOnce()
    }
  }

  /** A page in a pocket costs neither the phone's battery nor the farm's line. */
  function pause() {
    keepOverview()
    stream?.close()
    stream = undefined
  }

  function resume() {
    if (store.get().phase === 'farm' && !stream) connect()
  }

  /** Live values of this house come faster; its thermal picture, and what its scales show, come at all. */
  function watch(house: string | undefined) {
    if (watchedHouse === house) return
    watchedHouse = house
    if (stream) connect()
  }

  function notify(notice: Notice) {
    clearTimeout(noticeTimer)
    store.set({ notice })
    noticeTimer = setTimeout(() => store.set({ notice: undefined }), NOTICE_MS)
  }

  async function thenStart(result: Result<unknown>): Promise<Result<unknown>> {
    if (result.ok) await start()
    return result
  }

  return {
    start,
    tick,
    pause,
    resume,
    watch,
    refresh,
    notify,
    serverNow,
    farmPath,
    setUp: async (setup: Setup) => thenStart(await api.post(routes.setup, setup)),
    logIn: async (session: NewSession) => thenStart(await api.post(routes.session, session)),
    async logOut(): Promise<Result<unknown>> {
      const result = await api.remove(routes.session)
      if (result.ok) await askWho()
      return result
    },
    makeFarm: async (farm: NewFarm) => thenStart(await api.post(routes.farms, farm)),
    async chooseFarm(farm: string): Promise<void> {
      const { me } = store.get()
      stream?.close()
      stream = undefined
      store.set({ ...initialState, me, farm })
      if (me) await enter(me)
    },
    async acknowledge(alarm: string): Promise<Result<unknown>> {
      const result = await api.post(farmPath(routes.acknowledge, { alarm }))
      if (result.ok) await refresh()
      return result
    },
  }
}

function isLogOut(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 401
}
