import { useEffect, useState } from 'preact/hooks'
import type { EdgeView, HealthView as Health, HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { isMetric } from '#domain/metrics.ts'
import type { Texts } from '../i18n/en.ts'
import { EdgeLine } from '../parts/edge-line.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { useAnswer, useNow, usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { ageText, STALE_AFTER_MS } from '../values/age.ts'
import { deviceNames } from '../values/device-names.ts'

const REFRESH_MS = 10_000
const stateIcons = {
  open: 'check',
  opening: 'clock',
  closed: 'offline',
  silent: 'clock',
  unknown: 'clock',
} as const satisfies Record<string, IconName>
type Device = EdgeView['devices'][string]

export function HealthView() {
  const { texts, actions } = usePage()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setRound((count) => count + 1), REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  const answer = useAnswer<Health>(actions.farmPath(routes.health), round)
  const overview = useStateOf((state) => state.overview)
  if (!answer.body) return <Waiting failure={answer.failure} onRetry={answer.reload} />
  const edges = answer.body.edges.map(
    (edge) => overview?.edges.find(({ id, seenAt }) => id === edge.id && seenAt > edge.seenAt) ?? edge,
  )
  return (
    <>
      <h1 class="page-title">{texts.health.title}</h1>
      {edges.length === 0 && (
        <Empty icon="devices" title={texts.health.noEdges}>
          <a class="button primary" href={linkTo({ view: 'add-edge' })}>
            {texts.farm.addEdge}
          </a>
        </Empty>
      )}
      {edges.map((edge) => (
        <EdgeCard key={edge.id} edge={edge} houses={overview?.houses ?? []} />
      ))}
      {edges.length > 0 && (
        <nav class="card rows" aria-label={texts.ledger.title}>
          <a class="row link-row" href={linkTo({ view: 'ledger' })}>
            <Icon name="check" />
            <span>{texts.ledger.title}</span>
            <Icon name="forward" />
          </a>
        </nav>
      )}
      <details class="card counters">
        <summary>{texts.health.cloud}</summary>
        <Counters counters={answer.body.cloud} />
      </details>
    </>
  )
}

/** Works, or what is wrong with it. A link that is open and says nothing is silent. */
function stateOf({ link, lastFrameAt }: Device, seenAt: number): 'open' | 'opening' | 'closed' | 'silent' {
  return link === 'open' && seenAt - lastFrameAt > STALE_AFTER_MS ? 'silent' : link
}

/** Trouble first, then by id. */
function sorted(devices: EdgeView['devices'], seenAt: number): [string, Device][] {
  const rank = (device: Device) => (stateOf(device, seenAt) === 'open' ? 1 : 0)
  return Object.entries(devices).sort(([a, x], [b, y]) => rank(x) - rank(y) || a.localeCompare(b))
}

function EdgeCard({ edge, houses }: { edge: EdgeView; houses: readonly HouseView[] }) {
  const { texts, format } = usePage()
  const timeZone = useStateOf((state) => state.overview?.farm.timeZone) ?? 'UTC'
  const isSilent = useNow() - edge.seenAt > STALE_AFTER_MS
  const devices = sorted(edge.devices, edge.seenAt)
  const trouble = devices.filter(([, device]) => stateOf(device, edge.seenAt) !== 'open').length
  const inHouse = (house: HouseView) =>
    devices.filter(([id]) => house.latest.some(({ device }) => device === id))
  const served = houses.filter((house) => inHouse(house).length > 0)
  const placed = new Set(served.flatMap((house) => inHouse(house).map(([id]) => id)))
  const elsewhere = devices.filter(([id]) => !placed.has(id))
  return (
    <article class="card edge">
      <h2>{texts.health.edge}</h2>
      <p class="edge-lines">
        <EdgeLine edge={edge} />
        {edge.backlog === 0 && (
          <span class="edge-line">
            <Icon name="check" />
            {texts.health.allSent}
          </span>
        )}
        {devices.length > 0 && !isSilent && (
          <span class={trouble > 0 ? 'edge-line bad' : 'edge-line'}>
            <Icon name={trouble > 0 ? 'warning' : 'check'} />
            {trouble > 0
              ? texts.health.someTrouble(trouble, devices.length)
              : texts.health.allWell(devices.length)}
          </span>
        )}
      </p>
      {devices.length === 0 && <p class="quiet">{texts.health.noDevices}</p>}
      {served.map((house) => (
        <DeviceList
          key={house.id}
          title={house.name}
          devices={inHouse(house)}
          names={deviceNames(house.latest, texts)}
          seenAt={edge.seenAt}
        />
      ))}
      {elsewhere.length > 0 && (
        <DeviceList
          title={served.length > 0 ? texts.health.elsewhere : ''}
          devices={elsewhere}
          names={new Map()}
          seenAt={edge.seenAt}
        />
      )}
      <details class="counters">
        <summary>{texts.health.counters}</summary>
        <p class="quiet">
          {edge.id} · {texts.health.enrolled(format.time(edge.enrolledAt, timeZone, 0))}
        </p>
        <Counters counters={edge.counters} />
      </details>
    </article>
  )
}

type ListGiven = {
  title: string
  devices: readonly [string, Device][]
  names: ReadonlyMap<string, string>
  seenAt: number
}

function DeviceList({ title, devices, names, seenAt }: ListGiven) {
  return (
    <section class="device-house">
      {title !== '' && <h3>{title}</h3>}
      <ul class="device-list">
        {devices.map(([id, device]) => (
          <DeviceRow key={id} id={id} name={names.get(id)} device={device} seenAt={seenAt} />
        ))}
      </ul>
    </section>
  )
}

type RowGiven = { id: string; name: string | undefined; device: Device; seenAt: number }

/** In one look whether it works; what the installer wants stands below, smaller, and trouble only if there was any. */
function DeviceRow({ id, name, device, seenAt }: RowGiven) {
  const { texts, format } = usePage()
  const now = useNow()
  // Of a silent box nobody knows how its devices are.
  const state = now - seenAt > STALE_AFTER_MS ? 'unknown' : stateOf(device, seenAt)
  const stuck = (device.stuck ?? []).map((metric) => (isMetric(metric) ? texts.metrics[metric] : metric))
  const discarded = Object.entries(device.discarded).filter(([, count]) => count > 0)
  return (
    <li class={`device ${state}`}>
      <div class="device-head">
        <strong>{name ?? id}</strong>
        <span class={`badge ${state}`}>
          <Icon name={stateIcons[state]} />
          {texts.health.states[state]}
        </span>
      </div>
      <p class="device-facts">
        {name !== undefined && name !== id && <span>{id}</span>}
        <span>{texts.health.lastFrame(ageText(device.lastFrameAt, now, texts))}</span>
        <span>{texts.health.frames(format.number(device.frames))}</span>
        {device.perMinute !== undefined && (
          <span>
            {texts.health.perMinute(format.number(device.perMinute, device.perMinute < 10 ? 1 : 0))}
          </span>
        )}
        {device.battery !== undefined && <span>{texts.health.battery(format.number(device.battery))}</span>}
        {device.reopened > 0 && (
          <span>{texts.health.reopened(device.reopened, format.number(device.reopened))}</span>
        )}
        {discarded.length > 0 && (
          <span>
            {texts.health.discarded(
              discarded
                .map(([reason, count]) => `${reasonText(reason, texts)} ${format.number(count)}`)
                .join(', '),
            )}
          </span>
        )}
      </p>
      {stuck.length > 0 && (
        <p class="device-error">
          <Icon name="warning" />
          {texts.health.stuck(stuck.join(', '))}
        </p>
      )}
      {device.error && (
        <p class="device-error">
          <Icon name="warning" />
          {texts.health.error}: {device.error}
        </p>
      )}
    </li>
  )
}

/** A reason we have no words for is said as it came: better than nothing for whom one calls for help. */
function reasonText(reason: string, { health }: Texts): string {
  const known: Partial<Record<string, string>> = health.reasons
  return known[reason] ?? reason
}

function counterText(name: string, texts: Texts): string {
  const known: Partial<Record<string, string>> = texts.health.counterNames
  const [area, ...rest] = name.split('.')
  if (known[name]) return known[name]
  if (area === 'rejected') return texts.health.rejected(reasonText(rest.join('.'), texts))
  if (area === 'refused') return texts.health.refused(reasonText(rest.join('.'), texts))
  return name
}

function Counters({ counters }: { counters: Readonly<Record<string, number>> }) {
  const { texts, format } = usePage()
  const rows = Object.entries(counters).sort(([a], [b]) => a.localeCompare(b))
  if (rows.length === 0) return <p class="quiet">{texts.health.noCounters}</p>
  return (
    <>
      <p class="hint">{texts.health.countersLead}</p>
      <dl class="counter-list">
        {rows.map(([name, count]) => (
          <div key={name}>
            <dt>{counterText(name, texts)}</dt>
            <dd>{format.number(count, Number.isInteger(count) ? 0 : 1)}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
