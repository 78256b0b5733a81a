/**
 * Every path of the cloud's API, written once for the server, the edge and the page. `:name` stands for a
 * segment; `path` fills it.
 */
export const routes = {
  setup: '/api/v1/setup',
  session: '/api/v1/session',
  farms: '/api/v1/farms',
  overview: '/api/v1/farms/:farm/overview',
  health: '/api/v1/farms/:farm/health',
  live: '/api/v1/farms/:farm/live',
  houses: '/api/v1/farms/:farm/houses',
  house: '/api/v1/farms/:farm/houses/:house',
  series: '/api/v1/farms/:farm/houses/:house/series',
  thermal: '/api/v1/farms/:farm/houses/:house/thermal',
  flocks: '/api/v1/farms/:farm/flocks',
  entries: '/api/v1/farms/:farm/flocks/:flock/entries',
  alarms: '/api/v1/farms/:farm/alarms',
  acknowledge: '/api/v1/farms/:farm/alarms/:alarm/acknowledge',
  enrolmentCodes: '/api/v1/farms/:farm/edges/codes',
  edgeEnrol: '/api/edge/v1/enrol',
  edgeBatches: '/api/edge/v1/batches',
  edgeLive: '/api/edge/v1/live',
  edgeFrames: '/api/edge/v1/houses/:house/devices/:device/frame',
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
