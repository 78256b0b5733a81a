import type {
  AlarmView,
  ChartSeries,
  EdgeView,
  EntryView,
  HealthView,
  HouseView,
  LatestValue,
  Me,
  Overview,
  ThermalView,
} from '#domain/api/farm.ts'
import type { WeighingView } from '#domain/api/weighing.ts'
import { type CountedDay, type LedgerView, sumByDay, sumByStream } from '#domain/ledger.ts'
import { DAY, HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { weighing } from './fixture-weighing.ts'

/** One farm as the service would tell of it, in the states that the page must show. */
export type FarmState = 'normal' | 'empty' | 'stale' | 'alarm'

export type FixtureFarm = {
  me: Me
  overview: Overview
  alarms: AlarmView[]
  health: HealthView
  ledger: LedgerView
  entries: EntryView[]
  thermal: ThermalView[]
  weighing: WeighingView
}

const farm = { id: 'riverside', name: 'Riverside Farm 河畔养殖场', timeZone: 'Asia/Shanghai' }
export const flockId = '6f1d4f0e-52a5-4a0c-9d52-0d4e3f2c1b0a'
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const dayBefore = (t: number, days: number) => new Date(t - days * 86_400_000).toISOString().slice(0, 10)

export function createFixtureFarm(state: FarmState, now: number): FixtureFarm {
  const ageMs = state === 'stale' ? 12 * MINUTE : 4 * SECOND
  const isAlarm = state === 'alarm'
  const alarms = isAlarm ? openAlarms(now) : []
  const houses =
    state === 'empty' ? [] : [firstHouse(now, ageMs, alarms), secondHouse(now, ageMs, isAlarm, alarms)]
  const edges = state === 'empty' ? [] : [edge(now, ageMs, isAlarm)]
  return {
    me: { login: 'li', name: 'Li Wei', farms: [farm] },
    overview: { t: now, farm, houses, edges },
    alarms: [...alarms, ...(state === 'empty' ? [] : earlierAlarms(now))],
    health: {
      t: now,
      edges,
      cloud: { 'batches.stored': 48_210, 'refused.signature-wrong': 2, 'refused.not-logged-in': 14 },
    },
    ledger: ledger(now, state),
    entries: entries(now),
    thermal: [thermalPicture(now - ageMs)],
    weighing: weighing(now, 21, isAlarm),
  }
}

function values(device: string, t: number, pairs: Readonly<Record<string, number>>): LatestValue[] {
  return Object.entries(pairs).map(([metric, value]) => ({
    device,
    metric,
    by: '',
    t,
    value,
    quality: 'good',
  }))
}

/** Three days of two sensors; while there is an alarm, something is missing as well. */
function ledger(now: number, state: FarmState): LedgerView {
  const days = [2, 1, 0].map((before) => dayBefore(now, before))
  const rows: CountedDay[] = days.flatMap((day, index) =>
    (['air.temperature', 'air.nh3'] as const).map((metric) => ({
      ...{ day, house: 'house-1', device: 'climate-1', metric, source: 'sensor' as const, by: '' },
      ...{
        measured: 1440,
        duplicate: index * 7,
        thinned: 0,
        replaced: 0,
        aside: 0,
        acknowledged: 1440,
      },
      inCloud: state === 'stale' && index === 2 ? null : state === 'alarm' && index === 1 ? 1437 : 1440,
      ...{ gaps: index, longestGapMs: index * 11 * MINUTE },
      ...{ toldAt: now - 3 * HOUR, countedAt: now - 3 * HOUR },
    })),
  )
  const sums = sumByDay(rows)
  const [from = '', , to = ''] = days
  const edge = {
    edge: 'edge-0a1b2c3d4e5f',
    isRetired: false,
    numbers: {
      epoch: '9f86d081884c7d65',
      stored: 8700,
      sent: 8640,
      acknowledged: 8640,
      keptSince: now - 40 * DAY,
      daysLeft: state === 'alarm' ? 2.4 : 210,
    },
    days: days.flatMap((day) => {
      const sum = sums.get(day)
      return sum ? [{ day, ...sum, longestOfflineMs: 2 * MINUTE, damaged: 0, toldAt: now - 3 * HOUR }] : []
    }),
    streams: sumByStream(rows),
  }
  return { from, to, edges: state === 'empty' ? [] : [edge] }
}

function firstHouse(now: number, ageMs: number, alarms: AlarmView[]): HouseView {
  const t = now - ageMs
  return {
    id: 'house-1',
    name: 'House 1',
    timeZone: farm.timeZone,
    floorM2: 1200,
    flock: {
      id: flockId,
      house: 'house-1',
      breed: 'ross-308-2022',
      sex: 'as-hatched',
      placedOn: dayBefore(now, 21),
      placed: 20_000,
      ageDays: 21,
      balance: { placed: 20_000, died: 164, culled: 38, moved: 0, sold: 0, present: 19_798, feedKg: 25_400 },
      targetWeightG: 990,
      targetTemperatureC: 24,
    },
    latest: [
      ...values('climate-1', t, {
        'air.temperature': 24.3,
        'air.humidity': 61.5,
        'air.nh3': 8.4,
        'air.co2': 1840,
      }),
      ...values('climate-2', t, { 'air.temperature': 24.8, 'air.humidity': 63 }),
      {
        device: 'scale-1',
        metric: 'bird.weight.mean',
        by: 'weigh-steps@1',
        t: t - 5 * MINUTE,
        value: 962,
        quality: 'estimated',
        detail: { n: 214, low: 948, high: 976 },
      },
      ...values('thermal-1', t, { 'thermal.max': 39.8, 'thermal.mean': 31.2, 'thermal.min': 23.1 }),
      ...values('relay-1', t, { 'fan.running': 1, 'power.mains': 1, 'siren.on': 0 }),
      ...values('meter-1', t, { 'water.volume': 48_213.5 }),
    ],
    alarms: alarms.filter(({ house }) => house === 'house-1'),
  }
}

function secondHouse(now: number, ageMs: number, isAlarm: boolean, alarms: AlarmView[]): HouseView {
  const t = now - ageMs
  return {
    id: 'house-2',
    name: '二号鸡舍',
    timeZone: farm.timeZone,
    flock: {
      id: uuid(900),
      house: 'house-2',
      breed: 'arbor-acres-plus-2022',
      sex: 'as-hatched',
      placedOn: dayBefore(now, 14),
      placed: 18_500,
      ageDays: 14,
      balance: { placed: 18_500, died: 97, culled: 12, moved: 0, sold: 0, present: 18_391, feedKg: 9_860 },
      targetWeightG: 520,
      targetTemperatureC: 27,
    },
    latest: [
      // No CO2 sensor in this house: the page shows a dash.
      ...values('climate-3', t, {
        'air.temperature': isAlarm ? 34.6 : 27.2,
        'air.humidity': 58,
        'air.nh3': 6.1,
      }),
      {
        device: 'scale-2',
        metric: 'bird.weight.mean',
        by: 'weigh-steps@1',
        t: t - 8 * MINUTE,
        value: 531,
        quality: 'estimated',
        detail: { n: 96, low: 518, high: 544 },
      },
      ...values('relay-2', t, { 'fan.running': isAlarm ? 0 : 1, 'power.mains': 1 }),
    ],
    alarms: alarms.filter(({ house }) => house === 'house-2'),
  }
}

function alarm(id: string, now: number, minutes: number, given: Partial<AlarmView>): AlarmView {
  const since = now - minutes * MINUTE
  return {
    id,
    house: 'house-2',
    device: 'climate-3',
    rule: 'air-hot',
    metric: 'air.temperature',
    severity: 'critical',
    state: 'unacknowledged',
    since,
    raisedAt: since + 30_000,
    receivedAt: since + 31_000,
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    value: 34.6,
    limit: 32,
    late: false,
    ...given,
  }
}

function openAlarms(now: number): AlarmView[] {
  return [
    alarm('house-2|climate-3|air-hot|1', now, 6, {}),
    alarm('house-2|relay-2|fan-stopped|2', now, 9, {
      device: 'relay-2',
      rule: 'fan-stopped',
      metric: 'fan.running',
      value: 0,
      limit: 0.5,
      state: 'acknowledged',
      acknowledgedAt: now - 4 * MINUTE,
      acknowledgedBy: 'Li Wei',
    }),
    alarm('house-2|climate-3|own-rule|3', now, 3, {
      rule: 'own-rule',
      severity: 'info',
      metric: 'air.humidity',
      value: 58,
      limit: 55,
    }),
    alarm('house-1|climate-1|nh3-high|4', now, 22, {
      house: 'house-1',
      device: 'climate-1',
      rule: 'nh3-high',
      metric: 'air.nh3',
      severity: 'warning',
      value: 16.2,
      limit: 15,
    }),
  ]
}

function earlierAlarms(now: number): AlarmView[] {
  const over = { state: 'normal', acknowledgedAt: now, acknowledgedBy: 'Li Wei' } as const
  return [
    alarm('house-1|climate-1|air-cold|5', now, 700, {
      ...over,
      house: 'house-1',
      rule: 'air-cold',
      severity: 'warning',
      value: 20.9,
      limit: 22,
      clearedAt: now - 640 * MINUTE,
    }),
    alarm('house-2|climate-3|climate-silent|6', now, 2900, {
      ...over,
      rule: 'climate-silent',
      severity: 'warning',
      value: 26.8,
      limit: 180_000,
      clearedAt: now - 2880 * MINUTE,
      late: true,
    }),
  ]
}

function edge(now: number, ageMs: number, isAlarm: boolean): EdgeView {
  const device = (given: Partial<EdgeView['devices'][string]> = {}): EdgeView['devices'][string] => ({
    t: now - ageMs,
    link: 'open',
    lastFrameAt: now - ageMs,
    frames: 182_340,
    discarded: {},
    reopened: 0,
    ...given,
  })
  return {
    id: 'edge-01',
    enrolledAt: now - 30 * 86_400_000,
    seenAt: now - ageMs,
    backlog: isAlarm ? 12_400 : 0,
    counters: { 'rejected.implausible': 3, 'rejected.unknown-metric': 0, 'mqtt.refused-login': 1 },
    devices: {
      'climate-1': device(),
      'climate-3': device({ discarded: { checksum: 41, truncated: 3 }, reopened: 2 }),
      'scale-1': device({
        link: 'closed',
        lastFrameAt: now - 47 * MINUTE,
        error: 'ENOENT /dev/ttyUSB0: adapter unplugged',
      }),
      'thermal-1': device({ link: 'opening' }),
    },
  }
}

function entries(now: number): EntryView[] {
  const common = (n: number, hours: number) => ({
    id: uuid(n),
    day: dayBefore(now - hours * 3_600_000, 0),
    at: now - hours * 3_600_000,
    by: 'Li Wei',
    receivedAt: now - hours * 3_600_000,
  })
  return [
    { ...common(1, 30), kind: 'feed', kg: 4200 },
    { ...common(2, 26), kind: 'died', birds: 120, cause: 'heat' },
    {
      ...common(3, 25),
      kind: 'died',
      birds: 12,
      cause: 'heat',
      replaces: uuid(2),
      note: 'Typed 120 by mistake',
    },
    { ...common(4, 8), kind: 'medicine', product: 'Vitamin C', withdrawalDays: 0 },
    { ...common(5, 3), kind: 'culled', birds: 4 },
    { ...common(6, 2), kind: 'died', birds: 7 },
    { ...common(7, 1), kind: 'withdrawn', replaces: uuid(5) },
  ]
}

const LEVELS: Partial<Record<string, readonly [mean: number, swing: number]>> = {
  'air.temperature': [24.5, 1.6],
  'air.humidity': [61, 6],
  'air.nh3': [8, 3],
  'air.co2': [1900, 420],
}

/** What the series route answers: a day's wave with a gap in it, the growing weight, a water meter that counts on. */
export function chartAnswer(metric: string, from: number, to: number, points: number): ChartSeries[] {
  const bucketMs = (to - from) / points
  const indexes = Array.from({ length: points }, (_, index) => index).filter(
    (index) => Math.abs(index / points - 0.62) > 0.03,
  )
  const t = indexes.map((index) => Math.round(from + index * bucketMs))
  const [mean, swing] = LEVELS[metric] ?? [0, 0]
  const at = (moment: number) => {
    if (metric === 'water.volume') return 40_000 + ((moment - from) / 3_600_000) * 165
    if (metric === 'bird.weight.mean') return 962 - ((to - moment) / 86_400_000) * 44
    return (
      mean + swing * Math.sin((moment / 86_400_000) * 2 * Math.PI) + swing * 0.2 * Math.sin(moment / 700_000)
    )
  }
  const line = (device: string, by: string, shift: number): ChartSeries => {
    const means = t.map((moment) => at(moment) + shift)
    const half = metric === 'water.volume' ? 0 : Math.max(swing * 0.25, mean * 0.01)
    return {
      device,
      metric,
      by,
      bucketMs,
      t,
      mean: means,
      min: means.map((x) => x - half),
      max: means.map((x) => x + half),
    }
  }
  if (metric === 'air.temperature') return [line('climate-1', '', 0), line('climate-2', '', 0.9)]
  return [metric === 'bird.weight.mean' ? line('scale-1', 'weigh-steps@1', 0) : line('climate-1', '', 0)]
}

function thermalPicture(t: number): ThermalView {
  const width = 32
  const height = 24
  const birds = [
    [5, 6],
    [12, 15],
    [19, 8],
    [26, 17],
    [9, 20],
    [28, 5],
    [16, 12],
  ] as const
  const centiC = Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)]
    const warmth = birds.reduce((sum, [bx, by]) => sum + Math.exp(-((x - bx) ** 2 + (y - by) ** 2) / 5), 0)
    return Math.round(2350 + 60 * Math.sin(x / 4) + 1500 * Math.min(1.08, warmth))
  })
  return { device: 'thermal-1', t, width, height, centiC }
}
