import { useEffect } from 'preact/hooks'
import type { AlarmView, EdgeView, HouseView as House } from '#domain/api/farm.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { AlarmStrip } from '../parts/alarm-strip.tsx'
import { EdgeLine } from '../parts/edge-line.tsx'
import { HouseValues } from '../parts/house-values.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { usePage, useStateOf } from '../state/context.ts'
import { type HouseTab, houseTabs, linkTo } from '../state/router.ts'
import { edgeOf, isOpen } from '../values/house-order.ts'
import { AllValues } from './all-values.tsx'
import { BooksTab } from './books.tsx'
import { ChartsTab } from './charts.tsx'
import { ThermalCard } from './thermal.tsx'
import { WeightCard } from './weight/weight-card.tsx'

/** Of one that stopped and began again only what holds now. */
function withoutEarlierTwins(alarms: readonly AlarmView[]): AlarmView[] {
  const isTwin = (a: AlarmView, b: AlarmView) => a.rule === b.rule && a.device === b.device
  return alarms.filter(
    (alarm) => isOpen(alarm) || !alarms.some((other) => isOpen(other) && isTwin(alarm, other)),
  )
}

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
      {house.alarms.length > 0 && (
        <div class="strips">
          {withoutEarlierTwins(house.alarms).map((alarm) => (
            <AlarmStrip key={alarm.id} alarm={alarm} timeZone={house.timeZone} />
          ))}
        </div>
      )}
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
