import type { HouseView, LatestValue } from '#domain/api/farm.ts'
import { isMetric, metricIds } from '#domain/metrics.ts'
import { Age } from '../parts/age.tsx'
import { LateMark, QualityMark } from '../parts/value-tile.tsx'
import { usePage } from '../state/context.ts'
import { BOOKS_DEVICE, deviceNames } from '../values/device-names.ts'

const rank = (metric: string) => (isMetric(metric) ? metricIds.indexOf(metric) : metricIds.length)

/** Every series of the house under the device that says it, in the order of the catalogue. */
export function AllValues({ house }: { house: HouseView }) {
  const { texts } = usePage()
  const names = deviceNames(house.latest, texts)
  const ranked = house.latest
    .filter(({ device }) => device !== BOOKS_DEVICE)
    .sort((a, b) => rank(a.metric) - rank(b.metric))
  if (ranked.length === 0) return <p class="quiet">{texts.house.noValues}</p>
  const byDevice = [...names.keys()].map(
    (device) => [device, ranked.filter((value) => value.device === device)] as const,
  )
  return (
    <section class="card all-values">
      <h2>{texts.house.otherValues}</h2>
      <div class="device-values">
        {byDevice.map(([device, values]) => (
          <section key={device}>
            <h3>{names.get(device)}</h3>
            <dl class="value-list">
              {values.map((value) => (
                <ValueRow key={`${value.metric}|${value.by}`} value={value} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </section>
  )
}

function ValueRow({ value }: { value: LatestValue }) {
  const { texts, format } = usePage()
  const { metric, detail } = value
  return (
    <div>
      <dt>
        {format.metricName(metric)}
        {value.by !== '' && <span class="by">{texts.house.by}</span>}
      </dt>
      <dd>
        <strong>{format.withUnit(metric, value.value)}</strong>
        <QualityMark quality={value.quality} />
        {value.late && <LateMark />}
        {detail?.low !== undefined && detail.high !== undefined && (
          <span class="age">
            {texts.overview.interval(format.value(metric, detail.low), format.withUnit(metric, detail.high))}
          </span>
        )}
        <Age t={value.t} metric={metric} />
      </dd>
    </div>
  )
}
