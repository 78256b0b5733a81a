import { Type } from 'typebox'
import type { AlarmView } from '#domain/api/farm.ts'
import { type Clock, MINUTE, SECOND } from '#domain/time.ts'
import { createLateAlarms } from './alarms/late-alarms.ts'
import { alarmRoutes } from './alarms/routes.ts'
import { createSilenceJudge } from './alarms/silence-judge.ts'
import { createDictionaries } from './batches/dictionaries.ts'
import { createIntake } from './batches/take-batch.ts'
import { createFlocks } from './books/flocks.ts'
import { booksRoutes } from './books/routes.ts'
import { createCounters } from './counters.ts'
import { createEdgeAtDoor } from './edges/edge-at-door.ts'
import { edgeRoutes } from './edges/edge-routes.ts'
import { enrolmentRoutes } from './edges/enrolment-routes.ts'
import { createPresence } from './edges/presence.ts'
import { createWantsBoard } from './edges/wants.ts'
import { openEmbedded } from './embedded/open-embedded.ts'
import { createHouseViews } from './farms/house-view.ts'
import { farmRoutes } from './farms/routes.ts'
import { describeApi } from './http/api-description.ts'
import type { App } from './http/app.ts'
import { compressAnswers } from './http/compress.ts'
import { type Door, guardDoors } from './http/doors.ts'
import { type AppOptions, openApp } from './http/open-app.ts'
import { servePage } from './http/page.ts'
import { answerProblems, problems } from './http/problems.ts'
import { defaultRequestLimits, type RequestLimits, raiseShields } from './http/shields.ts'
import type { InfluxOptions } from './influx/influx-client.ts'
import { openWithInflux } from './influx/open-with-influx.ts'
import { createCounting } from './ledger/counting.ts'
import { ledgerRoutes } from './ledger/routes.ts'
import { createHub } from './live/hub.ts'
import { createLiveValues } from './live/live-values.ts'
import { liveRoutes } from './live/routes.ts'
import { createThermalFrames } from './live/thermal-frames.ts'
import { peopleRoutes } from './people/routes.ts'
import { readCookies, readSessionCookie, setSessionCookie } from './people/session-cookie.ts'
import { createSessions } from './people/sessions.ts'
import { openSetupGate } from './people/setup-code.ts'
import { seriesRoutes } from './series/routes.ts'
import { wantedScales, weighingRoutes } from './weighing/routes.ts'

export type CloudDeps = AppOptions & {
  /** Path of the SQLite file; made when it is not there. */
  database: string
  /** The database may not grow beyond this. */
  maxDatabaseBytes?: number
  /** Where readings are kept; without it in the database, with all the rest. */
  influx?: InfluxOptions
  clock: Clock
  /** The built phone page; without it there is only the API. */
  pageDirectory?: string
  /** Shows the first-run code where only the operator of the service sees it. */
  announce(code: string): void
  limits?: Partial<RequestLimits>
  /** How long an alarm that comes late is held back from those who watch, in case its end comes right behind. */
  holdLateMs?: number
  /** How often edges are looked at for silence. */
  lookEveryMs?: number
}

export type Cloud = {
  app: App
  /** Every route there is and whom it lets in. */
  doors: readonly { method: string; url: string; door: Door | undefined }[]
  close(): Promise<void>
}

/** Ready to listen or to be injected. */
export async function createCloud(deps: CloudDeps): Promise<Cloud> {
  const { clock } = deps
  const embedded = openEmbedded(deps.database, deps.maxDatabaseBytes)
  const stores = deps.influx ? openWithInflux(embedded, deps.influx) : embedded
  const { registry, series, batches, ledger, isStoreFailure, close } = stores
  const counters = createCounters()

  const hub = createHub({
    clock,
    onAudienceChange: (farm) => wants.changed(farm),
    onDropped: (farm) => counters.count('live.dropped', farm),
  })
  const flocks = createFlocks(registry, clock)
  const wants = createWantsBoard(await registry.countStart(), async (farm) => ({
    watched: hub.isWatched(farm),
    pictures: hub.pictures(farm),
    acknowledged: await registry.alarms.acknowledged(farm),
    flocks: await flocks.wanted(farm),
    scales: await wantedScales(registry, farm),
  }))
  const liveValues = createLiveValues(hub, clock)
  const frames = createThermalFrames()
  const presence = createPresence(registry.edges, clock)
  const houseViews = createHouseViews({ registry, series, flocks, liveValues })
  const silence = createSilenceJudge(registry, presence, clock)
  const counting = createCounting(ledger, series, clock)
  const sessions = createSessions(registry.people, clock)
  const setup = await openSetupGate(registry.people, deps.announce)

  const lateAlarms = createLateAlarms({
    clock,
    holdMs: deps.holdLateMs ?? 5 * SECOND,
    show: (farm, alarm) => hub.publish(farm, { kind: 'alarm', alarm }),
  })
  const showAlarms = (farm: string, alarms: readonly AlarmView[]) => {
    for (const alarm of alarms) lateAlarms.show(farm, alarm)
    for (const house of new Set(alarms.filter(({ late }) => late).map((alarm) => alarm.house))) {
      hub.publish(farm, { kind: 'changed', house })
    }
    // One that cleared is no longer among those that edges are told of.
    if (alarms.some(({ clearedAt, acknowledgedAt }) => clearedAt !== null || acknowledgedAt !== null))
      wants.changed(farm)
  }
  const showChange = (farm: string, house: string) => {
    hub.publish(farm, { kind: 'changed', house })
    wants.changed(farm)
  }
  const dictionaries = createDictionaries(stores.dictionaries)
  const intake = createIntake({
    registry,
    batches,
    dictionaries,
    clock,
    counters,
    random: Math.random,
    onReadings: liveValues.showRuns,
    onAlarms: showAlarms,
  })

  const app = openApp(deps, counters)
  const doors: Cloud['doors'][number][] = []
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      doors.push({
        method,
        url: route.url,
        get door() {
          return route.config?.door
        },
      })
    }
  })
  await raiseShields(app, { ...defaultRequestLimits, ...deps.limits }, deps.tls !== undefined)
  await compressAnswers(app)
  await readCookies(app)
  answerProblems(app, { counters, isStoreFailure })
  guardDoors(app, {
    registry,
    personOf: async (request, reply) => {
      const token = readSessionCookie(request)
      const found = token === undefined ? undefined : await sessions.find(token)
      if (token !== undefined && found?.wasPutOff) setSessionCookie(request, reply, token)
      return found
    },
    edgeOf: createEdgeAtDoor(registry.edges, clock),
  })
  await describeApi(app)

  peopleRoutes(app, { registry, sessions, setup, clock, onEnded: hub.endSession })
  farmRoutes(app, { registry, houseViews, presence, counters, clock })
  booksRoutes(app, { registry, flocks, clock, onChange: showChange })
  seriesRoutes(app, { registry, series, flocks })
  weighingRoutes(app, { registry, series, clock, onChange: showChange })
  ledgerRoutes(app, { registry, ledger, clock })
  alarmRoutes(app, { registry, clock, onAcknowledged: (farm, alarm) => showAlarms(farm, [alarm]) })
  liveRoutes(app, { hub, frames, registry })
  enrolmentRoutes(app, {
    registry,
    clock,
    onEnrolled: presence.saw,
    async onRetired(farm, edge, by) {
      presence.forget(edge)
      liveValues.forget(farm, edge)
      showAlarms(farm, await silence.close(farm, edge, by))
    },
  })
  const count = () =>
    counting
      .run()
      .catch((error) => app.log.error({ err: error }, 'the ledger is not counted; it is tried again'))
  await app.register(async (scope: App) =>
    edgeRoutes(scope, {
      ...{ registry, intake, dictionaries, presence, hub, liveValues, frames, wants, clock, ledger },
      onLedgerSaid: count,
    }),
  )
  app.get(
    '/healthz',
    {
      config: { door: 'anyone' },
      schema: { response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problems } },
    },
    async () => {
      await Promise.all([registry.check(), series.check()])
      return { status: 'ok' as const }
    },
  )
  await servePage(app, deps.pageDirectory, counters)

  const look = async () => {
    try {
      for (const [farm, alarms] of await silence.look()) showAlarms(farm, alarms)
    } catch (error) {
      app.log.error({ err: error }, 'looking for silent edges failed; it is tried again')
    }
  }
  const writeDown = () =>
    presence
      .writeDown()
      .catch((error) => app.log.error({ err: error }, 'signs of edges not written; it is tried again'))
  const timers = [
    setInterval(look, deps.lookEveryMs ?? 5 * SECOND),
    setInterval(hub.beat, 15 * SECOND),
    setInterval(writeDown, MINUTE),
    setInterval(count, MINUTE),
  ]
  app.addHook('preClose', async () => {
    for (const timer of timers) clearInterval(timer)
    counting.close()
    lateAlarms.close()
    hub.close()
    wants.close()
  })
  app.addHook('onClose', async () => {
    await writeDown()
    close()
  })
  await app.ready()
  return { app, doors, close: () => app.close() }
}
