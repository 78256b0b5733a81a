import { statfsSync } from 'node:fs'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { NodeConfig } from '#domain/config.ts'
import { defaultRules } from '#domain/rules/default-rules.ts'
import { SPARKPLUG } from '#domain/sparkplug/topic.ts'
import type { Clock } from '#domain/time.ts'
import { type Broker, openBroker } from './broker/broker.ts'
import { createCounters } from './counters.ts'
import { createFeed } from './feed/feed.ts'
import { createFlocks } from './flocks.ts'
import { createDeviceWatch } from './health/device-watch.ts'
import { prometheusText } from './health/prometheus-text.ts'
import { openHealthServer } from './http/health-server.ts'
import { createDevices } from './ingest/devices.ts'
import { createGroupCommit } from './ingest/group-commit.ts'
import { createIngest } from './ingest/ingest.ts'
import { openOutlets } from './outlets/open-outlets.ts'
import { createRuleRunner } from './rules/rule-runner.ts'
import { createWatched } from './rules/watched.ts'
import { createSeriesTable } from './series-table.ts'
import { createSiren, SIREN_RULE } from './siren/siren.ts'
import { openStore } from './store/open-store.ts'
import { openIdentity } from './sync/identity.ts'
import { openSync, type Sync, type SyncStatus } from './sync/sync.ts'
import { createThermal } from './thermal/thermal.ts'
import { createWeighing } from './weighing/weighing.ts'

export type EdgeDeps = {
  config: NodeConfig
  clock: Clock
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
  clock,
  random,
  log,
  enrolCode,
  readToken = () => '',
  onStale,
}: EdgeDeps): Promise<Edge> {
  const { dataDir } = config.edge
  const startedAt = clock.monotonic()
  const counters = createCounters(log, clock.monotonic)
  const { store, setAside, why } = openStore(dataDir, { now: clock.now(), onStale })
  if (setAside) counters.count('store.set-aside', setAside)
  if (why) counters.count('store.commit-failed', why)

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
    onFailed(error) {
      isStoreDown = true
      counters.count('store.commit-failed', String(error))
      broker?.readOn()
    },
    onDropped: (count) => counters.count('ingest.dropped', 'the store is down', count),
  })

  const allRules = defaultRules()
  const watched = createWatched(config, allRules)
  const openAlarms = new Map<string, AlarmEvent>()
  const tell = (event: AlarmEvent) => {
    if (event.action === 'raised') openAlarms.set(event.alarm, event)
    else openAlarms.delete(event.alarm)
    const name = event.action === 'raised' ? 'alarm.raised' : 'alarm.cleared'
    counters.count(name, `${event.rule} of "${event.device}" in house "${event.house}"`)
    commit.add([], [event])
  }
  for (const event of store.openAlarms()) {
    if (watched.alarm(event)) openAlarms.set(event.alarm, event)
    else tell({ ...event, action: 'cleared', t: clock.now() })
  }

  const siren = createSiren({
    outputs: config.outputs,
    clock,
    unconfirmed: [...openAlarms.values()].filter(({ rule }) => rule === SIREN_RULE),
    publish(topic, command) {
      counters.count('siren.command', `${topic} ${command.on ? 'on' : 'off'}`)
      broker?.publish(topic, JSON.stringify(command))
    },
    onAlarm: tell,
  })
  const rules = createRuleRunner({
    rules: allRules,
    ageDays: flocks.ageDays,
    openAlarms: [...openAlarms.values()],
    onEvent(event, rule) {
      if (rule.siren) siren[event.action === 'raised' ? 'raise' : 'clear'](event)
      tell(event)
    },
    onLatePair(raised, cleared) {
      counters.count('alarm.late')
      commit.add([], [raised, cleared])
    },
  })

  const userOf = new Map(config.mqttDevices.map(({ id, user }) => [id, user]))
  const isPresent = (device: string) =>
    devices.isPresent(device) && (broker?.isConnected(userOf.get(device) ?? '') ?? false)
  const deviceWatch = createDeviceWatch({
    config,
    rules: allRules,
    table,
    known,
    startedAt: clock.now(),
    isPresent,
  })
  const deviceHealth = () => deviceWatch.describe(devices.all())

  const weighing = createWeighing({
    houses: config.houses,
    flocks,
    table,
    counters,
    modelValuesSince: store.modelValuesSince,
  })
  const thermal = createThermal(table)
  // Its codec takes 8 MB, so it is loaded where a device speaks it.
  const sparkplug = config.mqttDevices.some(({ dialect }) => dialect === SPARKPLUG)
    ? (await import('./sparkplug/sparkplug-in.ts')).createSparkplugIn({
        mqttDevices: config.mqttDevices,
        table,
        devices,
        counters,
        clock,
        publish: (topic, payload) => broker?.publish(topic, payload),
      })
    : undefined
  const feed = createFeed({
    stores: config.feed ?? [],
    table,
    note: store.note,
    setNote: store.setNote,
  })
  const outlets = await openOutlets({
    config,
    clock,
    counters,
    known,
    publish: (topic, payload) => broker?.publish(topic, payload),
    readToken,
  })
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
      if (!late) deviceWatch.take(reading)
      if (!late) feed.take(reading)
      outlets.take(reading, late)
    },
    onBlock: weighing.take,
    onFrame: thermal.take,
    ...(sparkplug && { onSparkplug: sparkplug.take }),
    onOutletCommand: outlets.command,
  })

  // Before the doors open: alarms of the last life sound on, and sensors that spoke then are due again.
  const sirenRules = new Set(allRules.filter((rule) => rule.siren).map(({ id }) => id))
  for (const event of openAlarms.values()) if (sirenRules.has(event.rule)) siren.raise(event)
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
        identity: openIdentity(dataDir, clock.now()),
        store,
        clock,
        counters,
        random,
        isAlarmOpen: () => openAlarms.size > 0,
        onWants(wants) {
          flocks.replace(wants.flocks)
          siren.acknowledge(wants.acknowledged)
        },
        live: () => ({ readings: ingest.latest(), devices: deviceHealth() }),
        frames: thermal.latest,
      })
    : undefined

  // Not before the flocks are known: an alarm whose limit follows their age would seem to have lost it.
  const ticker = setInterval(() => {
    rules.tick(clock.now(), clock.monotonic())
    siren.tick()
  }, TICK_MS)
  const watcher = setInterval(() => {
    const now = clock.now()
    for (const { house, id } of config.mqttDevices) if (isPresent(id)) rules.present(house, id, now)
    const found = [...deviceWatch.tick(now, devices.all()), ...feed.tick(now)]
    if (found.length > 0) ingest.add(found)
    outlets.tick(now, devices.all())
  }, WATCH_MS)

  const alone: SyncStatus = { state: 'no-cloud', backlog: { readings: 0, alarms: 0 } }
  const health = () => ({
    isWell: !isStoreDown,
    t: clock.now(),
    uptimeS: Math.round((clock.monotonic() - startedAt) / 1000),
    epoch: store.epoch('readings'),
    sync: sync?.status() ?? alone,
    stored: {
      readings: store.lastNumber('readings'),
      alarms: store.lastNumber('alarms'),
      waiting: commit.waiting(),
    },
    openAlarms: [...openAlarms.values()].map(({ alarm, severity, since }) => ({ alarm, severity, since })),
    clients: broker?.clients() ?? 0,
    diskFreeBytes: freeBytes(dataDir),
    rssBytes: process.memoryUsage.rss(),
    counters: counters.values(),
    rejected: ingest.examples(),
    devices: deviceHealth(),
  })
  const metrics = () => prometheusText(health(), config)
  const http = await openHealthServer(config.edge.http, { health, metrics })

  return {
    mqttPort: broker.port,
    httpPort: http.port,
    async close() {
      clearInterval(ticker)
      clearInterval(watcher)
      // First the last acknowledgements, while their connections stand.
      commit.flush()
      await outlets.close()
      feed.close()
      await Promise.all([broker?.close(), http.close(), sync?.close()])
      commit.flush()
      store.close()
    },
  }
}

/** Undefined where the disk does not even have the folder. */
function freeBytes(dataDir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dataDir)
    return bavail * bsize
  } catch {
    return undefined
  }
}
