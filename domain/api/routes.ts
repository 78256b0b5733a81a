/**
 * Every path of the cloud's API, written once for the server, the edge and the page. `:name` stands for a
 * segment; `path` fills it.
 */
export const routes = {
  /** GET SetupState. POST Setup → 201 Me, logged in. */
  setup: '/api/v1/setup',
  /** GET Me (401 when nobody is logged in). POST NewSession → Me and the cookie. DELETE → 204. */
  session: '/api/v1/session',
  /** GET Farm[]. POST NewFarm → 201 Farm. */
  farms: '/api/v1/farms',
  /** GET Overview. */
  overview: '/api/v1/farms/:farm/overview',
  /** GET HealthView. */
  health: '/api/v1/farms/:farm/health',
  /** GET text/event-stream of LiveEvent; `?house=h1` asks for that house's thermal pictures as well. */
  live: '/api/v1/farms/:farm/live',
  /** GET HouseView[]. POST NewHouse → 201 HouseView. */
  houses: '/api/v1/farms/:farm/houses',
  /** GET HouseView. */
  house: '/api/v1/farms/:farm/houses/:house',
  /** GET ChartSeries[] by SeriesQuery. */
  series: '/api/v1/farms/:farm/houses/:house/series',
  /** GET ThermalView[]: the newest picture of each device, if one came since the service started. */
  thermal: '/api/v1/farms/:farm/houses/:house/thermal',
  /** GET FlockView[], newest first. POST NewFlock → 201 FlockView; 200 for a repeat. */
  flocks: '/api/v1/farms/:farm/flocks',
  /** GET EntryView[], by day. POST BookEntry → 201 EntryView; 200 for a repeat. */
  entries: '/api/v1/farms/:farm/flocks/:flock/entries',
  /** GET AlarmView[] by AlarmsQuery, newest first. */
  alarms: '/api/v1/farms/:farm/alarms',
  /** POST without a body → AlarmView. */
  acknowledge: '/api/v1/farms/:farm/alarms/:alarm/acknowledge',
  /** POST without a body → 201 EnrolmentCode. */
  enrolmentCodes: '/api/v1/farms/:farm/edges/codes',
  /** DELETE → 204, also when there is none: by the farm's owner, for a box that does not come back. */
  edge: '/api/v1/farms/:farm/edges/:edge',
  /** GET LedgerView by LedgerQuery. */
  ledger: '/api/v1/farms/:farm/ledger',
  /** POST Enrolment → 201 EnrolmentAnswer, not signed; 200 for a repeat with the same key. */
  edgeEnrol: '/api/edge/v1/enrol',
  /**
   * POST a batch → BatchAnswer. Signed, like all below. Readings as application/octet-stream
   * (`domain/columns/batch-header.ts`), AlarmsBatch as JSON, `content-encoding: zstd` if packed.
   */
  edgeBatches: '/api/edge/v1/batches',
  /** GET BatchAnswer: where a lane stands. */
  edgeWatermark: '/api/edge/v1/lanes/:lane/:epoch',
  /** PUT a Dictionary as JSON → 204. `:hash` is of its bytes before they are packed. */
  edgeDictionary: '/api/edge/v1/dictionaries/:hash',
  /** POST Live → 204. May be packed likewise. */
  edgeLive: '/api/edge/v1/live',
  /** POST a binary ThermalFrame as application/octet-stream → 204. */
  edgeFrames: '/api/edge/v1/houses/:house/devices/:device/frame',
  /** POST LedgerStatement → 204. */
  edgeLedger: '/api/edge/v1/ledger',
  /** GET Wants by WantsQuery: waits until there is a version other than the one it names; 204 when there is none. */
  edgeWants: '/api/edge/v1/wants',
} as const

export type Route = (typeof routes)[keyof typeof routes]

export function path(route: Route, parts: Readonly<Record<string, string>> = {}): string {
  return route.replace(/:(\w+)/g, (_, name: string) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`${route} wants a ${name}`)
    return encodeURIComponent(part)
  })
}
