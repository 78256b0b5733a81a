import { randomUUID } from 'node:crypto'
import type {
  AlarmView,
  ChartSeries,
  EnrolmentCode,
  HealthView,
  NewFarm,
  NewHouse,
  Overview,
} from '#domain/api/farm.ts'
import { path, type Route, routes } from '#domain/api/routes.ts'
import type { BookEntry, NewFlock } from '#domain/flock.ts'

/** Speaks to the cloud as a person's browser does: logs in, keeps the cookie, reads and writes the farm. */
export type FarmClient = {
  setUp(code: string, login: string, password: string, name: string): Promise<void>
  logIn(login: string, password: string): Promise<void>
  addFarm(farm: NewFarm): Promise<void>
  addHouse(farm: string, house: NewHouse): Promise<void>
  addFlock(farm: string, flock: NewFlock): Promise<void>
  addEntry(farm: string, flock: string, entry: BookEntry): Promise<void>
  enrolmentCode(farm: string): Promise<string>
  overview(farm: string): Promise<Overview>
  alarms(farm: string): Promise<AlarmView[]>
  health(farm: string): Promise<HealthView>
  /** Lines of a metric in [from, to), at most `points` buckets each. */
  chart(
    farm: string,
    house: string,
    metric: string,
    from: number,
    to: number,
    points: number,
  ): Promise<ChartSeries[]>
  /** The live stream's raw response; the caller reads and cancels it. */
  live(farm: string, house?: string): Promise<Response>
}

export function createFarmClient(url: string): FarmClient {
  let cookie = ''
  const call = async (
    method: string,
    route: Route,
    parts: Record<string, string> = {},
    body?: unknown,
    query = '',
  ): Promise<Response> => {
    const response = await fetch(`${url}${path(route, parts)}${query}`, {
      method,
      headers: { origin: url, cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const set = response.headers.getSetCookie()[0]
    if (set) cookie = set.split(';')[0] ?? ''
    if (!response.ok)
      throw new Error(`${method} ${path(route, parts)}: ${response.status} ${await response.text()}`)
    return response
  }
  const send = async (...args: Parameters<typeof call>): Promise<void> => {
    await (await call(...args)).body?.cancel()
  }
  const read = async <T>(route: Route, parts: Record<string, string>, query = ''): Promise<T> =>
    (await (await call('GET', route, parts, undefined, query)).json()) as T

  return {
    setUp: (code, login, password, name) => send('POST', routes.setup, {}, { code, login, password, name }),
    logIn: (login, password) => send('POST', routes.session, {}, { login, password }),
    addFarm: (farm) => send('POST', routes.farms, {}, farm),
    addHouse: (farm, house) => send('POST', routes.houses, { farm }, house),
    addFlock: (farm, flock) => send('POST', routes.flocks, { farm }, flock),
    addEntry: (farm, flock, entry) => send('POST', routes.entries, { farm, flock }, entry),
    enrolmentCode: async (farm) =>
      ((await (await call('POST', routes.enrolmentCodes, { farm })).json()) as EnrolmentCode).code,
    overview: (farm) => read(routes.overview, { farm }),
    alarms: (farm) => read(routes.alarms, { farm }),
    health: (farm) => read(routes.health, { farm }),
    chart: (farm, house, metric, from, to, points) =>
      read(routes.series, { farm, house }, `?metric=${metric}&from=${from}&to=${to}&points=${points}`),
    live: (farm, house) =>
      fetch(`${url}${path(routes.live, { farm })}${house ? `?house=${house}` : ''}`, { headers: { cookie } }),
  }
}

/** Ids for entries, made where they are written. */
export const newId = (): string => randomUUID()
