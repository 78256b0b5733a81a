import type { NodeConfig } from '#domain/config.ts'
import type { Reading } from '#domain/reading.ts'
import { defaultRules } from '#domain/rules/default-rules.ts'
import type { BootClock } from '#domain/time.ts'
import { type Broker, openBroker } from './broker/broker.ts'
import { askDate } from './clock/ask-date.ts'
import { type ClockStep, createEdgeClock } from './clock/edge-clock.ts'
import { openFirstGuess } from './clock/first-guess.ts'
import { createCounters } from './counters.ts'
import { createFindings } from './findings.ts'
import { createFlocks } from './flocks.ts'
import { prometheusText } from './health/prometheus-text.ts'
import { healthFigures } from './health-figures.ts'
import { openHealthServer } from './http/health-server.ts'
import { createDevices } from './ingest/devices.ts'
import { createGroupCommit } from './ingest/group-commit.ts'
import { createIngest } from './ingest/ingest.ts'
import { openModels } from './models.ts'
import { openOutlets } from './outlets/open-outlets.ts'
import { createOpenAlarms } from './rules/open-alarms.ts'
import { createRuleRunner } from './rules/rule-runner.ts'
import { createWatched } from './rules/watched.ts'
import { createSeriesTable } from './series-table.ts'
import { createSiren, SIREN_RULE } from './siren/siren.ts'
import { openSparkplugIn } from './sparkplug/open-sparkplug-in.ts'
import { openStorage } from './storage.ts'
import { DISK_RULE } from './store/disk-watch.ts'
import { openIdentity } from './sync/identity.ts'
import { openSync, type Sync } from './sync/sync.ts'

export type EdgeDeps = {
  config: NodeConfig
  /** The machine's own: its wall clock may be wrong, and may jump. */
  clock: BootClock
  /** When the machine's wall clock was last synchronised with a time server, by itself; undefined if never. */
  syncedAt?(): number | undefined
  /** 0 … 1. */
  random: () => number
  /** Takes one line. */
  log(line: string): void
  /** Shown on the cloud's page; needed until the edge is enrolled. */
  enrolCode?: string | undefined
  /** The token in a file that the configuration names. Throws when it cannot be read. */
  readToken?(file: string): string
  /** Start the program anew: the database is damaged, and is set aside then, or it can be opened at last. */
  onStale(why: string): void
}

export type Edge = {
  mqttPort: number
  httpPort: number
  close(): Promise<void>
}

const TICK_MS = 250
/** What devices do is looked at this often. */
const WATCH_MS = 1_000

/** The whole edge node: opens its store and its doors, and closes them again. Reads in the order the data flows. */
export async function createEdge({
  config,
  clock: machine,
  syncedAt = () => undefined,
  random,
  log,
  enrolCode,
  readToken = () => '',
  onStale,
}: EdgeDeps): Promise<Edge> {
  const { dataDir } = config.edge
  const startedAt = machine.monotonic()
  const counters = createCounters(log, machine.monotonic)
  const storage = openStorage({ config, now: machine.now(), counters, onStale })
  const { store, why } = storage

  const table = createSeriesTable()
  const flocks = createFlocks(config.houses)
  const devices = createDevices(config)
  const known = config.houses
    .flatMap(({ id }) => store.latest(id))
    .map((reading) => {
      const { house, device, metric, source, by } = reading.series
      return { ...reading, series: table.named(house, device, metric, source, by) ?? reading.series }
    })

  // Opened last, as both may speak as soon as they are open.
  let broker: Broker | undefined
  let sync: Sync | undefined
  let isStoreDown = why !== undefined
  const commit = createGroupCommit({
    commit(group) {
      const { stored, duplicate } = store.commit(group)
      isStoreDown = false
      counters.count('ingest.stored', undefined, stored)
      if (duplicate > 0) counters.count('ingest.duplicate', undefined, duplicate)
      if (group.events.length > 0) sync?.wake()
    },
    schedule: (work, ms) => {
      setTimeout(work, ms)
    },
    nextTurn: (work) => {
      setImmediate(work)
    },
    onFailed(error) {
      isStoreDown = true
      counters.count('store.commit-failed', String(error))
      broker?.readOn()
    },
    onDropped: (count) => counters.count('ingest.dropped', 'the store is down', count),
  })

  // What goes by the clock moves with it when it is corrected; set below, when all of it is there.
  let onStep = (_: ClockStep) => {}
  const clock = createEdgeClock({
    machine,
    syncedAt,
    store,
    newestT: newestOf(known),
    counters,
    settle: commit.flush,
    onStep: (step) => onStep(step),
  })

  const allRules = defaultRules()
  const watched = createWatched(config, allRules)
  const openAlarms = createOpenAlarms({
    known: store.openAlarms(),
    isWatched: (event) => event.rule === DISK_RULE || watched.alarm(event),
    clock,
    counters,
    keep: (event) => commit.add([], [event]),
  })

  const siren = createSiren({
    outputs: config.outputs,
    clock,
    unconfirmed: openAlarms.all().filter(({ rule }) => rule === SIREN_RULE),
    publish(topic, command) {
      counters.count('siren.command', `${topic} ${command.on ? 'on' : 'off'}`)
      broker?.publish(topic, JSON.stringify(command))
    },
    onAlarm: openAlarms.tell,
  })
  const rules = createRuleRunner({
    rules: allRules,
    ageDays: flocks.ageDays,
    openAlarms: openAlarms.all(),
    onEvent(event, rule) {
      if (rule.siren) siren[event.action === 'raised' ? 'raise' : 'clear'](event)
      openAlarms.tell(event)
    },
    onLatePair(raised, cleared) {
      counters.count('alarm.late')
      commit.add([], [raised, cleared])
    },
  })

  const userOf = new Map(config.mqttDevices.map(({ id, user }) => [id, user]))
  const isPresent = (device: string) =>
    devices.isPresent(device) && (broker?.isConnected(userOf.get(device) ?? '') ?? false)
  const findings = createFindings({
    config,
    rules: allRules,
    clock,
    table,
    store,
    devices,
    known,
    isPresent,
  })
  const models = openModels({ config, clock, flocks, table, counters, store })
  const publish = (topic: string, payload: string | Uint8Array) => broker?.publish(topic, payload)
  const sparkplug = await openSparkplugIn({
    mqttDevices: config.mqttDevices,
    table,
    devices,
    counters,
    clock,
    publish,
  })
  const outlets = await openOutlets({ config, clock, counters, known, publish, readToken })
  const ingest = createIngest({
    table,
    clock,
    counters,
    commit,
    devices,
    known,
    onReading(reading, late) {
      const { house, device, metric } = reading.series
      if (metric === 'siren.on' && !late) siren.confirm(house, device, reading.value > 0.5)
      rules.take(reading, late)
      if (!late) findings.take(reading)
      outlets.take(reading, late)
    },
    onBlock: models.onBlock,
    onFrame: models.onFrame,
    ...(sparkplug && { onSparkplug: sparkplug.take }),
    onOutletCommand: outlets.command,
  })

  onStep = (step) => {
    for (const one of [openAlarms, ingest, rules, models, findings]) one.step(step)
  }
  clock.look()

  // Before the doors open: alarms of the last life sound on, and sensors that spoke then are due again.
  const sirenRules = new Set(allRules.filter((rule) => rule.siren).map(({ id }) => id))
  for (const event of openAlarms.all()) if (sirenRules.has(event.rule)) siren.raise(event)
  for (const { series } of known) if (watched.device(series)) rules.expect(series, clock.now())

  broker = await openBroker({
    config,
    counters,
    onMessage: ingest.message,
    onSubscribed: (filter) => {
      if (filter.endsWith('/command')) siren.announce()
      sparkplug?.subscribed(filter)
      outlets.subscribed(filter)
    },
  })

  sync = config.cloud
    ? openSync({
        url: config.cloud.url,
        enrolCode,
        identity: openIdentity(dataDir, machine.now()),
        store,
        clock,
        counters,
        random,
        onDate: clock.onDate,
        isAlarmOpen: () => openAlarms.all().length > 0,
        onWants(wants) {
          flocks.replace(wants.flocks)
          models.calibrate(wants.scales ?? [])
          siren.acknowledge(wants.acknowledged)
        },
        live: () => ({ readings: ingest.latest(), devices: findings.devices() }),
        loads: models.loads,
        frames: models.thermalFrames,
      })
    : undefined

  const cloudUrl = config.cloud?.url
  const firstGuess = cloudUrl?.startsWith('https:')
    ? openFirstGuess(clock, () => askDate(cloudUrl))
    : undefined

  // Not before the flocks are known: an alarm whose limit follows their age would seem to have lost it.
  const ticker = setInterval(() => {
    clock.look()
    rules.tick(clock.now())
    siren.tick()
  }, TICK_MS)
  const watcher = setInterval(() => {
    const now = clock.now()
    for (const { house, id } of config.mqttDevices) if (isPresent(id)) rules.present(house, id, now)
    const found = findings.tick(now)
    if (found.length > 0) ingest.add(found)
    outlets.tick(now, devices.all())
  }, WATCH_MS)

  const keeping = storage.keep({ clock, openAlarms: openAlarms.all(), onAlarm: openAlarms.tell })

  const { port: mqttPort, clients } = broker
  const health = () =>
    healthFigures({
      ...{ dataDir, clock, startedAt, store, commit, counters, ingest, models, sync, clients },
      isWell: !isStoreDown,
      openAlarms: openAlarms.all(),
      devices: findings.devices(),
    })
  const metrics = () => prometheusText(health(), config)
  const http = await openHealthServer(config.edge.http, { health, metrics })

  return {
    mqttPort,
    httpPort: http.port,
    async close() {
      clearInterval(ticker)
      clearInterval(watcher)
      firstGuess?.close()
      // First the last acknowledgements, while their connections stand.
      commit.flush()
      await outlets.close()
      findings.close()
      await Promise.all([broker?.close(), http.close(), sync?.close(), keeping.close()])
      await models.flush()
      commit.flush()
      store.close()
    },
  }
}

function newestOf(readings: readonly Reading[]): number | undefined {
  return readings.length === 0 ? undefined : Math.max(...readings.map(({ t }) => t))
}
