import type { AlarmView } from '#domain/api/farm.ts'
import { isMetric, metrics } from '#domain/metrics.ts'
import { type Page, useNow, usePage } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { spanText } from '../values/age.ts'
import { isState } from '../values/format.ts'
import { isOpen } from '../values/house-order.ts'
import { Icon, type IconName } from './icon.tsx'

export const severityIcons = {
  critical: 'danger',
  warning: 'warning',
  info: 'info',
} as const satisfies Record<AlarmView['severity'], IconName>

/** Rules whose limit is no value of the metric: a time of silence, a change, or simply off. */
const isPlainLimit = (alarm: AlarmView) =>
  !/silent|rise|fall/.test(alarm.rule) &&
  !isState(alarm.metric) &&
  alarm.limit !== null &&
  isMetric(alarm.metric) &&
  Math.abs(alarm.limit) <= metrics[alarm.metric].max

/** What is wrong, in plain words; for a rule of the farm's own the metric and its limit. */
export function alarmTitle(alarm: AlarmView, { texts, format }: Pick<Page, 'texts' | 'format'>): string {
  const rules: Partial<Record<string, { title: string }>> = texts.alarms.rules
  const known = rules[alarm.rule]?.title
  if (known) return known
  const what = format.metricName(alarm.metric)
  if (alarm.limit === null || alarm.value === null || !isPlainLimit(alarm)) return texts.alarms.about(what)
  const words = alarm.value >= alarm.limit ? texts.alarms.above : texts.alarms.below
  return words(what, format.withUnit(alarm.metric, alarm.limit))
}

/** `Measured 34.2 °C, limit 32.0 °C`, as far as it has a meaning. */
export function alarmNumbers(
  alarm: AlarmView,
  { texts, format }: Pick<Page, 'texts' | 'format'>,
): string | undefined {
  if (alarm.value === null || isState(alarm.metric) || /silent/.test(alarm.rule)) return undefined
  const value = texts.alarms.value(format.withUnit(alarm.metric, alarm.value))
  if (alarm.limit === null) return value
  if (isPlainLimit(alarm))
    return `${value} · ${texts.alarms.limit(format.withUnit(alarm.metric, alarm.limit))}`
  return /rise|fall/.test(alarm.rule)
    ? `${value} · ${texts.alarms.rose(format.withUnit(alarm.metric, Math.abs(alarm.limit)))}`
    : value
}

/** One open alarm in one line: how bad, what, since when. It leads to what can be done about it. */
export function AlarmStrip({ alarm, timeZone }: { alarm: AlarmView; timeZone: string }) {
  const page = usePage()
  const { texts, format } = page
  const now = useNow()
  const numbers = alarmNumbers(alarm, page)
  return (
    <a class={`strip ${isOpen(alarm) ? alarm.severity : 'over'}`} href={linkTo({ view: 'alarms' })}>
      <Icon name={severityIcons[alarm.severity]} />
      <div>
        <strong>
          {texts.alarms.headline(texts.alarms.severities[alarm.severity], alarmTitle(alarm, page))}
        </strong>
        {numbers && <span>{numbers}</span>}
        <span>
          {isOpen(alarm)
            ? texts.alarms.since(format.time(alarm.since, timeZone, now), spanText(now - alarm.since, texts))
            : texts.alarms.overUnseen(format.time(alarm.clearedAt ?? alarm.since, timeZone, now))}
        </span>
      </div>
      <Icon name="forward" />
    </a>
  )
}
