import { isMetric, metrics } from '#domain/metrics.ts'
import type { Texts } from '../i18n/en.ts'

/** Number, unit and time formats of one language. Made once a language: Intl is slow to start on a cheap phone. */
export type Format = {
  number(value: number, decimals?: number): string
  /** With the decimals that carry meaning for the metric, without its unit. */
  value(metric: string, value: number): string
  /** `24.1 °C` */
  withUnit(metric: string, value: number): string
  percent(share: number): string
  kg(value: number): string
  /** `14:03`; with its date when it is not of the same day as `now`. Hours of the zone named. */
  time(t: number, timeZone: string, now?: number): string
  /** `2026-05-01` as people write it. */
  day(day: string): string
  metricName(metric: string): string
}

export function unitOf(metric: string): string {
  return isMetric(metric) ? metrics[metric].unit : ''
}

/** On or off, nothing in between. */
export function isState(metric: string): boolean {
  return isMetric(metric) && metrics[metric].unit === '' && metrics[metric].max === 1
}

/** No break between a number and its unit. */
export function joinUnit(number: string, unit: string): string {
  return unit === '' ? number : `${number}\u00a0${unit}`
}

export function createFormat(texts: Texts): Format {
  const { locale } = texts
  const numbers = new Map<number, Intl.NumberFormat>()
  const times = new Map<string, Intl.DateTimeFormat>()
  const inZone = (timeZone: string, kind: 'time' | 'date', options: Intl.DateTimeFormatOptions) => {
    const key = `${kind}|${timeZone}`
    const known = times.get(key)
    if (known) return known
    const made = new Intl.DateTimeFormat(locale, { timeZone, ...options })
    times.set(key, made)
    return made
  }
  const clock = (t: number, zone: string) =>
    inZone(zone, 'time', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(t)
  const date = (t: number, zone: string) => inZone(zone, 'date', { day: 'numeric', month: 'short' }).format(t)

  const number = (value: number, decimals = 0) => {
    let format = numbers.get(decimals)
    if (!format) {
      format = new Intl.NumberFormat(locale, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      })
      numbers.set(decimals, format)
    }
    // A minus as wide as a plus, and no minus before a zero.
    return format.format(Math.abs(value) * 10 ** decimals < 0.5 ? 0 : value).replace('-', '−')
  }
  const value = (metric: string, x: number) => {
    if (isState(metric)) return x > 0.5 ? texts.house.on : texts.house.off
    // A tenth of a litre on a meter that shows 66,172 is noise to the eye.
    return number(x, Math.abs(x) >= 1000 ? 0 : isMetric(metric) ? metrics[metric].decimals : 1)
  }

  return {
    number,
    value,
    withUnit: (metric, x) => joinUnit(value(metric, x), unitOf(metric)),
    percent: (share) => joinUnit(number(share * 100, Math.abs(share) < 0.1 ? 1 : 0), '%'),
    kg: (x) => joinUnit(number(x, x < 100 && !Number.isInteger(x) ? 1 : 0), 'kg'),
    time: (t, zone, now) =>
      now === undefined || date(t, zone) === date(now, zone)
        ? clock(t, zone)
        : `${date(t, zone)}, ${clock(t, zone)}`,
    day: (day) =>
      inZone('UTC', 'date', { day: 'numeric', month: 'short' }).format(Date.parse(`${day}T00:00:00Z`)),
    metricName: (metric) => (isMetric(metric) ? texts.metrics[metric] : metric),
  }
}
