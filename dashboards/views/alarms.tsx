import { useState } from 'preact/hooks'
import type { AlarmView } from '#domain/api/farm.ts'
import type { Failure } from '../api/client.ts'
import { alarmNumbers, alarmTitle, severityIcons } from '../parts/alarm-strip.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, FailureNote, Waiting } from '../parts/messages.tsx'
import { useNow, usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { spanText } from '../values/age.ts'
import { deviceNames } from '../values/device-names.ts'
import { byUrgency, isOpen, isPending } from '../values/house-order.ts'

const MOST_EARLIER = 10

export function AlarmsView() {
  const { texts, format, actions } = usePage()
  const [showsAll, setShowsAll] = useState(false)
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
          {earlier.slice(0, showsAll ? undefined : MOST_EARLIER).map((alarm) => (
            <EarlierAlarm key={alarm.id} alarm={alarm} />
          ))}
        </ul>
      )}
      {!showsAll && earlier.length > MOST_EARLIER && (
        <button type="button" class="button" onClick={() => setShowsAll(true)}>
          {texts.alarms.showAll(format.number(earlier.length))}
        </button>
      )}
    </>
  )
}

/**
 * Where it is, in words, with a link that leads there. A silent box concerns the whole farm; a house that is not
 * on this page any more goes by its id.
 */
function usePlaceOf({ house: id, device }: AlarmView): { name: string; timeZone: string; href: string } {
  const { texts } = usePage()
  const overview = useStateOf((state) => state.overview)
  const timeZone = overview?.farm.timeZone ?? 'UTC'
  if (id === '') return { name: texts.alarms.farm, timeZone, href: linkTo({ view: 'health' }) }
  const href = linkTo({ view: 'house', house: id, tab: 'now' })
  const house = overview?.houses.find((candidate) => candidate.id === id)
  if (!house) return { name: id, timeZone, href }
  const deviceName = deviceNames(house.latest, texts).get(device)
  return { name: deviceName ? `${house.name} · ${deviceName}` : house.name, timeZone: house.timeZone, href }
}

function AlarmCard({ alarm }: { alarm: AlarmView }) {
  const page = usePage()
  const { texts, format } = page
  const now = useNow()
  const place = usePlaceOf(alarm)
  const rules: Partial<Record<string, { todo: string }>> = texts.alarms.rules
  const numbers = alarmNumbers(alarm, page)
  const time = (t: number) => format.time(t, place.timeZone, now)
  return (
    <article class={`card alarm ${alarm.severity} ${isOpen(alarm) ? 'open' : 'over'}`}>
      <header class="alarm-head">
        <span class={`badge ${alarm.severity}`}>
          <Icon name={severityIcons[alarm.severity]} />
          {texts.alarms.severities[alarm.severity]}
        </span>
      </header>
      <div>
        <h2>{alarmTitle(alarm, page)}</h2>
        <a class="alarm-place" href={place.href}>
          {place.name}
        </a>
      </div>
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
        class={isOpen(alarm) ? 'button primary wide' : 'button wide'}
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
      <p class="hint">{isOpen(alarm) ? texts.alarms.acknowledgeHint : texts.alarms.overHint}</p>
      {failure && <FailureNote failure={failure} />}
    </div>
  )
}

function EarlierAlarm({ alarm }: { alarm: AlarmView }) {
  const page = usePage()
  const { texts, format, actions } = page
  const place = usePlaceOf(alarm)
  const numbers = alarmNumbers(alarm, page)
  // The end carries its date only when it is of another day than the beginning.
  const time = (t: number, sameDayAs: number) => format.time(t, place.timeZone, sameDayAs)
  return (
    <li class="row">
      <span class={`row-icon ${alarm.severity}`}>
        <Icon name={severityIcons[alarm.severity]} />
      </span>
      <div class="row-body">
        <strong>{alarmTitle(alarm, page)}</strong>
        <span class="quiet">
          {texts.alarms.lasted(
            time(alarm.since, actions.serverNow()),
            alarm.clearedAt === null ? texts.common.none : time(alarm.clearedAt, alarm.since),
            spanText((alarm.clearedAt ?? alarm.since) - alarm.since, texts),
          )}
        </span>
        <span class="quiet">{place.name}</span>
        {numbers && <span class="quiet">{numbers}</span>}
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
