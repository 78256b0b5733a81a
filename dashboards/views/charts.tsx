import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ChartSeries, HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { type MetricId, metrics } from '#domain/metrics.ts'
import { Chart } from '../charts/chart.tsx'
import {
  chartData,
  consumption,
  summarise,
  type Target,
  temperatureTarget,
  weightTarget,
} from '../charts/chart-data.ts'
import { type Range, ranges, windowOf } from '../charts/chart-window.ts'
import { Waiting } from '../parts/messages.tsx'
import { Segments } from '../parts/segments.tsx'
import { useAnswer, useNow, usePage } from '../state/context.ts'
import { deviceNames } from '../values/device-names.ts'
import { joinUnit } from '../values/format.ts'

const charted = [
  'air.temperature',
  'air.humidity',
  'air.nh3',
  'air.co2',
  'bird.weight.mean',
  'water.volume',
] as const
const fromZero: readonly MetricId[] = ['air.nh3', 'water.volume']

export function ChartsTab({ house }: { house: HouseView }) {
  const { texts } = usePage()
  const [range, setRange] = useState<Range>('day')
  return (
    <>
      <div class="range">
        <Segments
          label={texts.charts.range}
          options={(Object.keys(ranges) as Range[]).map((value) => ({ value, label: texts.charts[value] }))}
          value={range}
          onChange={(wanted) => setRange(wanted)}
        />
      </div>
      <div class="columns charts">
        {charted.map((metric) => (
          <ChartCard key={metric} house={house} metric={metric} range={range} />
        ))}
      </div>
    </>
  )
}

type CardGiven = { house: HouseView; metric: (typeof charted)[number]; range: Range }

function ChartCard({ house, metric, range }: CardGiven) {
  const { texts, format, actions } = usePage()
  const card = useRef<HTMLElement>(null)
  const isSeen = useSeen(card)
  const now = useNow()
  const isMeter = metrics[metric].aggregate === 'difference'
  const asked = windowOf(range, isMeter, now, house.timeZone)
  const query = new URLSearchParams({
    metric,
    from: String(asked.askFrom),
    to: String(asked.to),
    points: String(asked.points),
  })
  const seriesPath = actions.farmPath(routes.series, { house: house.id })
  const answer = useAnswer<ChartSeries[]>(
    isSeen ? `${seriesPath}?${query}` : undefined,
    0,
    `${seriesPath}?${metric}&${range}`,
  )
  // What is shown is of the time of its answer: a kept chart must not slide under today's hours.
  const drawn = useMemo(() => {
    if (!answer.body) return undefined
    const { from, to } = windowOf(range, isMeter, answer.at, house.timeZone)
    const series = isMeter ? answer.body.map(consumption) : answer.body
    const names = deviceNames(house.latest, texts)
    const nameOf = (device: string) => names.get(device) ?? device
    const data = chartData(series, targetOf(house, metric, from, to), nameOf)
    return { from, to, data, summary: summarise(series), hasBand: !isMeter && hasSpread(series, metric) }
  }, [answer.body, range, texts])
  const unit = metrics[metric].unit
  const decimals = isMeter ? 0 : metrics[metric].decimals
  const show = (value: number) => joinUnit(format.number(value, decimals), unit)
  const name = isMeter ? texts.charts.waterUse : texts.metrics[metric]
  const summary = drawn?.summary
  return (
    <section class="card chart-card" ref={card}>
      <h2>{name}</h2>
      {!drawn && <Waiting failure={answer.failure} onRetry={answer.reload} />}
      {drawn && !summary && <p class="quiet">{texts.charts.empty}</p>}
      {drawn && summary && (
        <>
          <dl class="facts">
            {isMeter ? (
              <Fact label={texts.charts.total} value={show(summary.total)} />
            ) : (
              <>
                <Fact label={texts.charts.lowest} value={show(summary.low)} />
                <Fact label={texts.charts.mean} value={show(summary.mean)} />
                <Fact label={texts.charts.highest} value={show(summary.high)} />
              </>
            )}
          </dl>
          <Chart
            label={texts.charts.summary(
              name,
              texts.charts.names[range],
              show(summary.low),
              show(summary.high),
            )}
            data={drawn.data}
            from={drawn.from}
            to={drawn.to}
            timeZone={house.timeZone}
            unit={unit}
            decimals={decimals}
            fromZero={fromZero.includes(metric)}
            bars={isMeter}
          />
          <Legend lines={drawn.data.lines} hasBand={drawn.hasBand} />
        </>
      )}
    </section>
  )
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** One line by itself needs no name: the card has it. */
function Legend({
  lines,
  hasBand,
}: {
  lines: readonly { name: string; isTarget?: boolean }[]
  hasBand: boolean
}) {
  const { texts } = usePage()
  if (lines.length === 1 && !hasBand) return null
  return (
    <p class="legend">
      {lines.length > 1 &&
        lines.map((line, index) => (
          <span key={line.name}>
            <span class={line.isTarget ? 'swatch target-swatch' : `swatch line-${(index % 3) + 1}`} />
            {line.isTarget ? texts.charts.target : line.name}
          </span>
        ))}
      {hasBand && <span>{texts.charts.band}</span>}
    </p>
  )
}

/** Whether lowest and highest stand apart by more than the last decimal, so that the eye sees a band. */
function hasSpread(series: readonly ChartSeries[], metric: MetricId): boolean {
  const step = 10 ** -metrics[metric].decimals
  return series.some(({ min, max }) => max.some((high, index) => high - (min[index] ?? high) > 2 * step))
}

function targetOf(
  { flock, timeZone }: HouseView,
  metric: MetricId,
  from: number,
  to: number,
): Target | undefined {
  if (!flock) return undefined
  if (metric === 'bird.weight.mean') return weightTarget(flock, timeZone, from, to)
  if (metric !== 'air.temperature' || flock.targetTemperatureC === null) return undefined
  return temperatureTarget(flock, timeZone, from, to)
}

/** True once the card has come near the screen: what nobody scrolls to is not fetched over a bad line. */
function useSeen(element: { current: HTMLElement | null }): boolean {
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    if (!element.current) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), {
      rootMargin: '200px',
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [])
  return isSeen
}
