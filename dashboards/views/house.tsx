import { useEffect } from 'preact/hooks'
import type { EdgeView, HouseView as House } from '#domain/api/farm.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { isMetric, metricIds } from '#domain/metrics.ts'
import { AlarmStrip } from '../parts/alarm-strip.tsx'
import { EdgeLine } from '../parts/edge-line.tsx'
import { HouseValues } from '../parts/house-values.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { ValueTile } from '../parts/value-tile.tsx'
import { usePage, useStateOf } from '../state/context.ts'
import { type HouseTab, houseTabs, linkTo } from '../state/router.ts'
import { edgeOf } from '../values/house-order.ts'
import { BooksTab } from './books.tsx'
import { ChartsTab } from './charts.tsx'
import { ThermalCard } from './thermal.tsx'
import { WeightCard } from './weight.tsx'

export function HouseView({ id, tab }: { id: string; tab: HouseTab }) {
  const { texts, actions } = usePage()
  const overview = useStateOf((state) => state.overview)
  const failure = useStateOf((state) => state.failure)
  useEffect(() => {
    actions.watch(id)
    return () => actions.watch(undefined)
  }, [id])
  if (!overview) return <Waiting failure={failure} onRetry={() => void actions.refresh()} />
  const house = overview.houses.find((candidate) => candidate.id === id)
  if (!house) {
    return (
      <Empty icon="houses" title={texts.house.notFound}>
        <a class="button" href={linkTo({ view: 'overview' })}>
          {texts.nav.houses}
        </a>
      </Empty>
    )
  }
  return (
    <>
      <header class="house-head">
        <a class="button bare" href={linkTo({ view: 'overview' })} aria-label={texts.common.back}>
          <Icon name="back" />
        </a>
        <div>
          <h1>{house.name}</h1>
          <p class="quiet">{house.flock ? <FlockLine house={house} /> : texts.overview.noFlock}</p>
        </div>
      </header>
      {house.alarms.map((alarm) => (
        <a key={alarm.id} class="strip-link" href={linkTo({ view: 'alarms' })}>
          <AlarmStrip alarm={alarm} timeZone={house.timeZone} />
        </a>
      ))}
      <nav class="tabs" aria-label={texts.house.tabs}>
        {houseTabs.map((name) => (
          <a
            key={name}
            href={linkTo({ view: 'house', house: id, tab: name })}
            aria-current={name === tab ? 'page' : undefined}
          >
            {texts.house[name]}
          </a>
        ))}
      </nav>
      {tab === 'now' && <NowTab house={house} edge={edgeOf(house, overview.edges)} />}
      {tab === 'charts' && <ChartsTab house={house} />}
      {tab === 'books' && <BooksTab house={house} />}
    </>
  )
}

function NowTab({ house, edge }: { house: House; edge: EdgeView | undefined }) {
  return (
    <div class="columns">
      <section class="card">
        <HouseValues house={house} />
        <footer class="card-foot">
          <EdgeLine edge={edge} />
        </footer>
      </section>
      <WeightCard house={house} />
      <ThermalCard house={house} />
      <AllValues house={house} />
    </div>
  )
}

function FlockLine({ house: { flock } }: { house: House }) {
  const { texts, language } = usePage()
  if (!flock) return null
  const breed = findBreedStandard(flock.breed)?.name[language] ?? flock.breed
  return (
    <>
      {texts.overview.day(flock.ageDays)} · {breed} · {texts.books.sexes[flock.sex]}
    </>
  )
}

/** Every series of the house, in the order of the catalogue. */
function AllValues({ house }: { house: House }) {
  const { texts, format } = usePage()
  if (house.latest.length === 0) return <p class="quiet">{texts.house.noValues}</p>
  const rank = (metric: string) => (isMetric(metric) ? metricIds.indexOf(metric) : metricIds.length)
  const values = [...house.latest].sort(
    (a, b) => rank(a.metric) - rank(b.metric) || a.device.localeCompare(b.device),
  )
  return (
    <section class="card all-values">
      <h2>{texts.house.otherValues}</h2>
      <div class="values">
        {values.map((value) => (
          <ValueTile
            key={`${value.device}|${value.metric}|${value.by}`}
            label={format.metricName(value.metric)}
            value={value}
          >
            <span class="tile-device">
              {value.device}
              {value.by !== '' && ` · ${texts.house.by(value.by)}`}
              {value.detail?.low !== undefined && value.detail.high !== undefined && (
                <>
                  {' '}
                  ·{' '}
                  {texts.overview.interval(
                    format.value(value.metric, value.detail.low),
                    format.withUnit(value.metric, value.detail.high),
                  )}
                </>
              )}
            </span>
          </ValueTile>
        ))}
      </div>
    </section>
  )
}
