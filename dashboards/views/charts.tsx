import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ChartSeries, HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { type MetricId, metrics } from '#domain/metrics.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { Chart } from '../charts/chart.tsx'
import { chartData, consumption, summarise, type Target, weightTarget } from '../charts/chart-data.ts'
import { Waiting } from '../parts/messages.tsx'
import { Segments } from '../parts/segments.tsx'
import { useAnswer, usePage } from '../state/context.ts'
import { joinUnit } from '../values/format.ts'

const ranges = { hour: HOUR, day: DAY, week: 7 * DAY, threeWeeks: 21 * DAY } as const
type Range = keyof typeof ranges
const charted = [
  'air.temperature',
  'air.humidity',
  'air.nh3',
  'air.co2',
  'bird.weight.mean',
  'water.volume',
] as const
const fromZero: readonly MetricId[] = ['air.nh3', 'water.volume']
const POINTS = 240
/** Bars for water: an hour or a day each is what a farmer compares. */
const WATER_POINTS: Record<Range, number> = { hour: 12, day: 24, week: 28, threeWeeks: 21 }

export function ChartsTab({ house }: { house: HouseView }) {
  const { texts, actions } = usePage()
  const [range, setRange] = useState<Range>('day')
  // To the minute, so that coming back to a chart asks the same question and finds the kept answer.
  const to = useMemo(() => Math.ceil(actions.serverNow() / MINUTE) * MINUTE, [range, house.id])
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
          <ChartCard key={metric} house={house} metric={metric} range={range} to={to} />
        ))}
      </div>
    </>
  )
}

type CardGiven = { house: HouseView; metric: (typeof charted)[number]; range: Range; to: number }

function ChartCard({ house, metric, range, to }: CardGiven) {
  const { texts, format, actions } = usePage()
  const card = useRef<HTMLElement>(null)
  const isSeen = useSeen(card)
  const from = to - ranges[range]
  const isMeter = metrics[metric].aggregate === 'difference'
  const points = isMeter ? WATER_POINTS[range] : POINTS
  const query = new URLSearchParams({ metric, from: String(from), to: String(to), points: String(points) })
  const path = isSeen ? `${actions.farmPath(routes.series, { house: house.id })}?${query}` : undefined
  const answer = useAnswer<ChartSeries[]>(path)
  const series = useMemo(
    () => answer.body && (isMeter ? answer.body.map(consumption) : answer.body),
    [answer.body],
  )
  const data = useMemo(() => series && chartData(series, targetOf(house, metric, range, from, to)), [series])
  const summary = series && summarise(series)
  const { unit, decimals } = metrics[metric]
  const show = (value: number) => joinUnit(format.number(value, decimals), unit)
  const name = isMeter ? texts.charts.waterUse : texts.metrics[metric]
  return (
    <section class="card chart-card" ref={card}>
      <h2>{name}</h2>
      {!answer.body && <Waiting failure={answer.failure} onRetry={answer.reload} />}
      {answer.body && !summary && <p class="quiet">{texts.charts.empty}</p>}
      {data && summary && (
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
            data={data}
            from={from}
            to={to}
            timeZone={house.timeZone}
            unit={unit}
            decimals={decimals}
            fromZero={fromZero.includes(metric)}
            bars={isMeter}
          />
          <Legend lines={data.lines} hasBand={!isMeter} />
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

function Legend({
  lines,
  hasBand,
}: {
  lines: readonly { name: string; isTarget?: boolean }[]
  hasBand: boolean
}) {
  const { texts } = usePage()
  return (
    <p class="legend">
      {lines.map((line, index) => (
        <span key={line.name}>
          <span class={line.isTarget ? 'swatch target-swatch' : `swatch line-${(index % 3) + 1}`} />
          {line.isTarget ? texts.charts.target : line.name}
        </span>
      ))}
      {hasBand && <span>{texts.charts.band}</span>}
    </p>
  )
}

/** The temperature's target is known for today's age only, so it stands in the short charts. */
function targetOf(
  { flock, timeZone }: HouseView,
  metric: MetricId,
  range: Range,
  from: number,
  to: number,
): Target | undefined {
  if (!flock) return undefined
  if (metric === 'bird.weight.mean') return weightTarget(flock, timeZone, from, to)
  const isShort = range === 'hour' || range === 'day'
  if (metric !== 'air.temperature' || !isShort || flock.targetTemperatureC === null) return undefined
  return [from, to].map((t) => ({ t, value: flock.targetTemperatureC ?? Number.NaN }))
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
