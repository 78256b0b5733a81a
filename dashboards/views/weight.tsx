import { useMemo } from 'preact/hooks'
import type { ChartSeries, HouseView, LatestValue } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { localDay, startOfLocalDay } from '#domain/time.ts'
import { MIN_DAY_WEIGHTS } from '#domain/weighing/flock-day.ts'
import { weightHistogram } from '#domain/weighing/weight-histogram.ts'
import { Age } from '../parts/age.tsx'
import { useAnswer, useNow, usePage } from '../state/context.ts'

/** As many buckets as the service gives: a day in pieces of 43 s, shorter than most visits lie apart. */
const POINTS = 2000

/** Today's weights of each scale: the mean with its interval, the spread, and how the birds are spread out. */
export function WeightCard({ house }: { house: HouseView }) {
  const { texts, actions } = usePage()
  const now = useNow()
  const scales = [...new Set(house.latest.filter(isSingleWeight).map(({ device }) => device))].sort()
  const from = startOfLocalDay(localDay(now, house.timeZone), house.timeZone)
  const query = new URLSearchParams({
    metric: 'bird.weight',
    from: String(from),
    to: String(from + DAY_MS),
    points: String(POINTS),
  })
  const path =
    scales.length > 0 ? `${actions.farmPath(routes.series, { house: house.id })}?${query}` : undefined
  const answer = useAnswer<ChartSeries[]>(path)
  if (scales.length === 0) return null
  return (
    <section class="card weight-card">
      <h2>{texts.weight.title}</h2>
      {scales.map((device) => (
        <Scale
          key={device}
          device={device}
          from={from}
          latest={house.latest.filter((value) => value.device === device)}
          weights={weightsOf(answer.body?.filter((series) => series.device === device) ?? [])}
        />
      ))}
    </section>
  )
}

type ScaleProps = { device: string; from: number; latest: readonly LatestValue[]; weights: readonly number[] }

function Scale({ device, from, latest, weights }: ScaleProps) {
  const { texts, format } = usePage()
  const newest = (metric: string) =>
    latest.filter((value) => value.metric === metric && value.t >= from).sort((a, b) => b.t - a.t)[0]
  const mean = newest('bird.weight.mean')
  const cv = newest('bird.weight.cv')
  const uniformity = newest('bird.weight.uniformity')
  const grams = (value: number) => format.withUnit('bird.weight.mean', value)
  const { low, high, n } = mean?.detail ?? {}
  return (
    <figure>
      <figcaption>
        {device} {mean && <Age t={mean.t} />}
      </figcaption>
      {mean ? (
        <dl class="facts">
          <div>
            <dt>{texts.metrics['bird.weight.mean']}</dt>
            <dd>{grams(mean.value)}</dd>
          </div>
          {low !== undefined && high !== undefined && (
            <div>
              <dt>{texts.weight.interval}</dt>
              <dd>
                {grams(low)} … {grams(high)}
              </dd>
            </div>
          )}
          {cv && (
            <div>
              <dt>{texts.metrics['bird.weight.cv']}</dt>
              <dd>{format.withUnit('bird.weight.cv', cv.value)}</dd>
            </div>
          )}
          {uniformity && (
            <div>
              <dt>{texts.metrics['bird.weight.uniformity']}</dt>
              <dd>{format.withUnit('bird.weight.uniformity', uniformity.value)}</dd>
            </div>
          )}
        </dl>
      ) : (
        <p class="quiet">
          {texts.weight.notEnough(format.number(weights.length, 0), format.number(MIN_DAY_WEIGHTS, 0))}
        </p>
      )}
      {mean && weights.length > 0 && (
        <Histogram
          weights={weights}
          meanG={mean.value}
          label={texts.weight.histogram(format.number(n ?? weights.length, 0))}
        />
      )}
    </figure>
  )
}

function Histogram({ weights, meanG, label }: { weights: readonly number[]; meanG: number; label: string }) {
  const { format } = usePage()
  const { fromG, widthG, counts } = useMemo(() => weightHistogram(weights, meanG), [weights, meanG])
  const most = Math.max(1, ...counts)
  const width = 100 / counts.length
  return (
    <>
      <svg class="histogram" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
        {counts.map((count, index) => {
          const height = (38 * count) / most
          const start = fromG + index * widthG
          return (
            <rect key={start} x={index * width + 0.2} width={width - 0.4} y={40 - height} height={height} />
          )
        })}
      </svg>
      <div class="heat-numbers" aria-hidden="true">
        <span>{format.withUnit('bird.weight', fromG)}</span>
        <span>{format.withUnit('bird.weight', fromG + counts.length * widthG)}</span>
      </div>
    </>
  )
}

const DAY_MS = 86_400_000

function isSingleWeight({ metric, by }: LatestValue): boolean {
  return metric === 'bird.weight' && by !== ''
}

/** A bucket holds one bird, seldom more: of those the lightest and the heaviest are known. */
function weightsOf(series: readonly ChartSeries[]): number[] {
  return series.flatMap(({ mean, min, max }) =>
    mean.flatMap((grams, index) => {
      const low = min[index] ?? grams
      const high = max[index] ?? grams
      return low === high ? [grams] : [low, high]
    }),
  )
}
