import { useState } from 'preact/hooks'
import type { AlarmView } from '#domain/api/farm.ts'
import type { Failure } from '../api/client.ts'
import { alarmNumbers, alarmTitle, severityIcons } from '../parts/alarm-strip.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, FailureNote, Waiting } from '../parts/messages.tsx'
import { useNow, usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { spanText } from '../values/age.ts'
import { byUrgency, isOpen, isPending } from '../values/house-order.ts'

export function AlarmsView() {
  const { texts, actions } = usePage()
  const alarms = useStateOf((state) => state.alarms)
  const failure = useStateOf((state) => state.failure)
  if (!alarms) return <Waiting failure={failure} onRetry={() => void actions.refresh()} />
  const pending = alarms.filter(isPending).sort(byUrgency)
  const earlier = alarms.filter((alarm) => !isPending(alarm)).sort((a, b) => b.since - a.since)
  return (
    <>
      <h1 class="page-title">{texts.alarms.title}</h1>
      {pending.length === 0 ? (
        <Empty icon="check" title={texts.alarms.noneOpen}>
          <p>{texts.alarms.noneOpenLead}</p>
        </Empty>
      ) : (
        <section aria-label={texts.alarms.open} class="alarm-list">
          {pending.map((alarm) => (
            <AlarmCard key={alarm.id} alarm={alarm} />
          ))}
        </section>
      )}
      <h2 class="section-title">{texts.alarms.history}</h2>
      {earlier.length === 0 ? (
        <p class="quiet">{texts.alarms.noHistory}</p>
      ) : (
        <ul class="card rows">
          {earlier.map((alarm) => (
            <EarlierAlarm key={alarm.id} alarm={alarm} />
          ))}
        </ul>
      )}
    </>
  )
}

/** Name and zone of the house; a house that is not on this page any more goes by its id. */
function useHouse(id: string): { name: string; timeZone: string } {
  const overview = useStateOf((state) => state.overview)
  const house = overview?.houses.find((candidate) => candidate.id === id)
  return house ?? { name: id, timeZone: overview?.farm.timeZone ?? 'UTC' }
}

function AlarmCard({ alarm }: { alarm: AlarmView }) {
  const page = usePage()
  const { texts, format } = page
  const now = useNow()
  const house = useHouse(alarm.house)
  const rules: Partial<Record<string, { todo: string }>> = texts.alarms.rules
  const numbers = alarmNumbers(alarm, page)
  const time = (t: number) => format.time(t, house.timeZone, now)
  return (
    <article class={`card alarm ${alarm.severity} ${isOpen(alarm) ? 'open' : 'over'}`}>
      <header class="alarm-head">
        <span class={`badge ${alarm.severity}`}>
          <Icon name={severityIcons[alarm.severity]} />
          {texts.alarms.severities[alarm.severity]}
        </span>
        <a href={linkTo({ view: 'house', house: alarm.house, tab: 'now' })}>
          {house.name} · {alarm.device}
        </a>
      </header>
      <h2>{alarmTitle(alarm, page)}</h2>
      <p class="alarm-facts">
        {numbers && <span>{numbers}</span>}
        <span>
          {isOpen(alarm)
            ? texts.alarms.since(time(alarm.since), spanText(now - alarm.since, texts))
            : texts.alarms.overUnseen(time(alarm.clearedAt ?? alarm.since))}
        </span>
        {alarm.late && <LateChip />}
      </p>
      {isOpen(alarm) && (
        <div class="todo">
          <h3>{texts.alarms.todo}</h3>
          <p>{rules[alarm.rule]?.todo ?? texts.alarms.unknownTodo}</p>
        </div>
      )}
      {alarm.acknowledgedAt === null ? (
        <Acknowledge alarm={alarm} />
      ) : (
        <p class="seen">
          <Icon name="check" />
          {texts.alarms.acknowledged(alarm.acknowledgedBy ?? texts.common.none, time(alarm.acknowledgedAt))}
        </p>
      )}
    </article>
  )
}

function Acknowledge({ alarm }: { alarm: AlarmView }) {
  const { texts, actions } = usePage()
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  return (
    <div class="acknowledge">
      <button
        type="button"
        class="button primary wide"
        disabled={isBusy}
        onClick={async () => {
          setBusy(true)
          const result = await actions.acknowledge(alarm.id)
          setBusy(false)
          setFailure(result.ok ? undefined : result.failure)
        }}
      >
        {isBusy ? texts.common.saving : texts.alarms.acknowledge}
      </button>
      <p class="hint">{texts.alarms.acknowledgeHint}</p>
      {failure && <FailureNote failure={failure} />}
    </div>
  )
}

function EarlierAlarm({ alarm }: { alarm: AlarmView }) {
  const page = usePage()
  const { texts, format, actions } = page
  const house = useHouse(alarm.house)
  const now = actions.serverNow()
  const numbers = alarmNumbers(alarm, page)
  const time = (t: number) => format.time(t, house.timeZone, now)
  return (
    <li class="row">
      <span class={`row-icon ${alarm.severity}`}>
        <Icon name={severityIcons[alarm.severity]} />
      </span>
      <div class="row-body">
        <strong>{alarmTitle(alarm, page)}</strong>
        <span class="quiet">
          {house.name} ·{' '}
          {texts.alarms.lasted(
            time(alarm.since),
            alarm.clearedAt === null ? texts.common.none : time(alarm.clearedAt),
          )}
          {numbers && ` · ${numbers}`}
        </span>
        {alarm.late && <LateChip />}
      </div>
    </li>
  )
}

function LateChip() {
  const { texts } = usePage()
  return (
    <span class="late">
      <span class="chip">{texts.alarms.late}</span> {texts.alarms.lateHint}
    </span>
  )
}
