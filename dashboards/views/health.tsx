import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { EdgeView, HealthView as Health } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Age } from '../parts/age.tsx'
import { EdgeLine } from '../parts/edge-line.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { useAnswer, usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'

const REFRESH_MS = 10_000
const linkIcons = { open: 'check', opening: 'clock', closed: 'offline' } as const satisfies Record<
  string,
  IconName
>
type Device = EdgeView['devices'][string]

export function HealthView() {
  const { texts, actions } = usePage()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setRound((count) => count + 1), REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  const answer = useAnswer<Health>(actions.farmPath(routes.health), round)
  const live = useStateOf((state) => state.overview?.edges)
  if (!answer.body) return <Waiting failure={answer.failure} onRetry={answer.reload} />
  const edges = answer.body.edges.map(
    (edge) => live?.find(({ id, seenAt }) => id === edge.id && seenAt > edge.seenAt) ?? edge,
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
        <EdgeCard key={edge.id} edge={edge} />
      ))}
      <section class="card counters-card">
        <h2>{texts.health.cloud}</h2>
        <Counters counters={answer.body.cloud} />
      </section>
    </>
  )
}

function EdgeCard({ edge }: { edge: EdgeView }) {
  const { texts, format } = usePage()
  const timeZone = useStateOf((state) => state.overview?.farm.timeZone) ?? 'UTC'
  const devices = Object.entries(edge.devices).sort(([a], [b]) => a.localeCompare(b))
  return (
    <article class="card edge">
      <h2>{texts.health.edge(edge.id)}</h2>
      <p class="edge-lines">
        <EdgeLine edge={edge} />
        {edge.backlog === 0 && (
          <span class="edge-line">
            <Icon name="check" />
            {texts.health.allSent}
          </span>
        )}
        <span class="edge-line">{texts.health.enrolled(format.time(edge.enrolledAt, timeZone, 0))}</span>
      </p>
      <h3>{texts.health.devices}</h3>
      {devices.length === 0 && <p class="quiet">{texts.health.noDevices}</p>}
      <ul class="device-list">
        {devices.map(([id, device]) => (
          <DeviceRow key={id} id={id} device={device} />
        ))}
      </ul>
      <details class="counters">
        <summary>{texts.health.counters}</summary>
        <Counters counters={edge.counters} />
      </details>
    </article>
  )
}

function DeviceRow({ id, device }: { id: string; device: Device }) {
  const { texts, format } = usePage()
  const discarded = Object.entries(device.discarded).filter(([, count]) => count > 0)
  return (
    <li class={`device ${device.link}`}>
      <div class="device-head">
        <strong>{id}</strong>
        <span class={`badge ${device.link}`}>
          <Icon name={linkIcons[device.link]} />
          {texts.health.links[device.link]}
        </span>
      </div>
      <dl class="facts">
        <Fact label={texts.health.lastFrame}>
          <Age t={device.lastFrameAt} />
        </Fact>
        <Fact label={texts.health.frames}>{format.number(device.frames)}</Fact>
        <Fact label={texts.health.reopened}>{format.number(device.reopened)}</Fact>
        <Fact label={texts.health.discarded}>
          {discarded.length === 0
            ? texts.health.nothing
            : discarded.map(([reason, count]) => `${reason} ${format.number(count)}`).join(', ')}
        </Fact>
      </dl>
      {device.error && (
        <p class="device-error">
          <Icon name="warning" />
          {texts.health.error}: {device.error}
        </p>
      )}
    </li>
  )
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Counters({ counters }: { counters: Readonly<Record<string, number>> }) {
  const { texts, format } = usePage()
  const rows = Object.entries(counters).sort(([a], [b]) => a.localeCompare(b))
  if (rows.length === 0) return <p class="quiet">{texts.health.noCounters}</p>
  return (
    <dl class="counter-list">
      {rows.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{format.number(count, Number.isInteger(count) ? 0 : 1)}</dd>
        </div>
      ))}
    </dl>
  )
}
