import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DAY, HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { openStore } from '../../../edge/store/open-store.ts'
import { readLiveEvents } from '../../live-events.ts'
import { FARM, type LineFarm, startLineFarm } from './line-farm.ts'
import { createSixHouses, type DeviceSample, readingsOfSample } from './six-houses.ts'

export type MonthTraffic = {
  monthMB: number
  /** Whole minutes that were measured, beside the start. */
  minutes: number
  bytesPerMinute: number
  upPerMinute: number
  downPerMinute: number
  /** All that the first minutes bring beyond an ordinary one: enrolment, connections, the dictionary, a first look. */
  startBytes: number
  startsCounted: number
  /** A report of how the edge and its devices fare, and those that were counted beside the minutes. */
  reportBytes: number
  reportsCounted: number
  /** Connections that were opened after the start. */
  connectionsLater: number
}

const START_MINUTES = 2
const READINGS_A_MINUTE = 6 * 60
const MONTH_MS = 30 * DAY
/**
 * The edge makes a new dictionary every six hours. So often the whole start is counted: its connections, which do not
 * break that often, are in it as well.
 */
const STARTS_A_MONTH = MONTH_MS / (6 * HOUR)
/** How it fares the edge tells every ten minutes. A run that is shorter has seen none of these after its start. */
const REPORT_MS = 10 * MINUTE
/** While somebody watches it tells every 15 s. */
const WATCH_MS = 50 * SECOND

/**
 * Six houses at full rate in real time, real edge and cloud, TLS; nobody watches and no alarm is open. Counted is every
 * byte that goes through the sockets between the two, both ways, all connections: TLS, HTTP, batches and their answers,
 * the long poll, reports. What TCP and IP put around it is not in it.
 *
 * month = minutes of the month × an ordinary minute + starts (every six hours) + reports (every ten minutes), each of
 * them measured. The size of a report is measured at the end, while somebody watches and nothing is published.
 */
export async function measureMonth(
  minutes: number,
  say: (text: string) => void,
  stopped: AbortSignal,
): Promise<MonthTraffic> {
  const until = (t: number) => waitUntil(t, stopped)
  const dir = await mkdtemp(join(tmpdir(), 'flockwise-month-'))
  const startsAt = Date.now() + 5 * SECOND
  const houses = createSixHouses({ seed: 11, startsAt: startsAt - MINUTE, stretch: 1 })
  const before = houses.minute(startsAt - MINUTE)
  fillStore(join(dir, 'edge'), before, startsAt)
  const farm = await startLineFarm({ dir, edgeDir: 'edge', devices: before, delayMs: 0 })
  try {
    const marks: Mark[] = []
    for (let minute = 0; ; minute++) {
      const t = startsAt + minute * MINUTE
      const due = houses.minute(t)
      await until(t)
      marks.push(await markOf(farm))
      if (minute === START_MINUTES + minutes) break
      await publishMinute(farm, due, minute, until)
      const { sync } = await farm.health()
      say(`  month, minute ${minute + 1}: ${sync.state}, ${bytesOf(farm)} bytes so far`)
      if (sync.state !== 'connected')
        throw new Error(`the edge is not in step: ${sync.state} ${sync.why ?? ''}`)
    }
    const reportBytes = await measureReport(farm, until)
    const [begin, end] = [marks[START_MINUTES], marks.at(-1)]
    if (!begin || !end) throw new Error('no minute was measured')
    // A batch more or less at the ends is no batch more or less in the month.
    const measured = (end.sent - begin.sent) / READINGS_A_MINUTE
    if (measured < minutes - 1.5) throw new Error(`of ${minutes} minutes only ${measured} were sent`)
    const bytesPerMinute = (totalOf(end) - totalOf(begin)) / measured
    const startBytes = Math.max(0, totalOf(begin) - START_MINUTES * bytesPerMinute)
    const reports = (minutes + START_MINUTES) * MINUTE > REPORT_MS ? 0 : MONTH_MS / REPORT_MS
    const monthBytes =
      (bytesPerMinute * MONTH_MS) / MINUTE + startBytes * STARTS_A_MONTH + reportBytes * reports
    return {
      monthMB: monthBytes / 1e6,
      minutes,
      bytesPerMinute,
      upPerMinute: (end.up - begin.up) / measured,
      downPerMinute: (end.down - begin.down) / measured,
      startBytes,
      startsCounted: STARTS_A_MONTH,
      reportBytes,
      reportsCounted: reports,
      connectionsLater: end.connections - begin.connections,
    }
  } finally {
    await farm.close()
    await rm(dir, { recursive: true, force: true })
  }
}

type Until = (t: number) => Promise<void>
/** `sent`: readings that the cloud has acknowledged. */
type Mark = { up: number; down: number; connections: number; sent: number }

async function markOf({ relay, health }: LineFarm): Promise<Mark> {
  const { stored, sync } = await health()
  const sent = stored.readings - sync.backlog.readings
  return { ...relay.bytes(), connections: relay.connections(), sent }
}
const totalOf = ({ up, down }: Pick<Mark, 'up' | 'down'>): number => up + down
const bytesOf = ({ relay }: LineFarm): number => totalOf(relay.bytes())

/** An edge that has been running knows its series: their names go over the line once, not as each first speaks. */
function fillStore(edgeDir: string, samples: readonly DeviceSample[], now: number): void {
  const { store } = openStore(edgeDir, { now })
  store.commit({ readings: samples.flatMap(readingsOfSample), events: [] })
  store.close()
}

/** Each sample when its device's turn has come, and with it that the device is well. */
async function publishMinute(
  farm: LineFarm,
  samples: readonly DeviceSample[],
  minute: number,
  until: Until,
): Promise<void> {
  for (const sample of samples.toSorted((a, b) => a.t - b.t)) {
    await until(sample.t)
    await farm.publish(sample)
    await farm.publishHealth(sample, minute + 1)
  }
}

/** Bytes for each report that reaches those who watch, the long poll's answers among them. */
async function measureReport(farm: LineFarm, until: Until): Promise<number> {
  // What was published last goes first.
  await until(Date.now() + 10 * SECOND)
  const before = bytesOf(farm)
  const seen = new AbortController()
  let reports = 0
  const watching = readLiveEvents(
    await farm.client.live(FARM),
    ({ kind }) => {
      if (kind === 'edge') reports++
    },
    seen.signal,
  )
  await until(Date.now() + WATCH_MS)
  const bytes = bytesOf(farm) - before
  seen.abort()
  await watching
  if (reports === 0) throw new Error('no report came while somebody watched')
  return bytes / reports
}

/** Rejects as soon as it is stopped. */
async function waitUntil(t: number, stopped: AbortSignal): Promise<void> {
  await setTimeout(Math.max(0, t - Date.now()), undefined, { signal: stopped })
}
