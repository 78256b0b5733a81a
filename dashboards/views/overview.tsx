import type { AlarmView, HouseView, Overview } from '#domain/api/farm.ts'
import { AlarmStrip } from '../parts/alarm-strip.tsx'
import { EdgeLine } from '../parts/edge-line.tsx'
import { HouseValues } from '../parts/house-values.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { useNow, usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { edgeOf, farmAlarms, isOpen, type Need, needOf, sortWorstFirst } from '../values/house-order.ts'

const needIcons: Record<Need, IconName> = {
  now: 'danger',
  unknown: 'offline',
  look: 'warning',
  fine: 'check',
}

export function OverviewView() {
  const { texts, actions } = usePage()
  const overview = useStateOf((state) => state.overview)
  const failure = useStateOf((state) => state.failure)
  const alarms = useStateOf((state) => state.alarms)
  const now = useNow()
  if (!overview) {
    return (
      <>
        <h1 class="page-title">{texts.overview.title}</h1>
        {failure ? <Waiting failure={failure} onRetry={() => void actions.refresh()} /> : <Skeletons />}
      </>
    )
  }
  if (overview.houses.length === 0) return <NoHouses />
  const ofFarm = farmAlarms(alarms).filter(isOpen)
  return (
    <>
      <Verdict overview={overview} ofFarm={farmAlarms(alarms)} now={now} />
      {ofFarm.length > 0 && (
        <div class="strips">
          {ofFarm.map((alarm) => (
            <AlarmStrip key={alarm.id} alarm={alarm} timeZone={overview.farm.timeZone} />
          ))}
        </div>
      )}
      <div class="cards">
        {sortWorstFirst(overview.houses, now).map((house) => (
          <HouseCard key={house.id} house={house} overview={overview} now={now} />
        ))}
      </div>
    </>
  )
}

function Skeletons() {
  const { texts } = usePage()
  return (
    <div role="status" aria-label={texts.common.loading} class="skeletons">
      <div class="skeleton card" />
      <div class="skeleton card" />
    </div>
  )
}

/** The first thing that is read: whether somebody must get up. */
function Verdict({
  overview: { houses },
  ofFarm,
  now,
}: {
  overview: Overview
  ofFarm: readonly AlarmView[]
  now: number
}) {
  const { texts } = usePage()
  const needs = houses.map((house) => needOf(house, now))
  const count = (need: Need) => needs.filter((other) => other === need).length
  const isDown = useStateOf((state) => state.link === 'down')
  // Without a line nobody can say that all is well.
  const worst =
    (['now', 'unknown', 'look'] as const).find((need) => count(need) > 0) ?? (isDown ? 'unknown' : 'fine')
  const pending = [...ofFarm, ...houses.flatMap((house) => house.alarms)]
  const open = pending.filter(isOpen).length
  const unseen = pending.length - open
  const words: Record<Need, string> = {
    now: texts.overview.needYou(count('now'), houses.length),
    unknown: isDown
      ? texts.overview.unreachable
      : count('unknown') === houses.length
        ? texts.overview.unknown
        : texts.overview.look(count('unknown') + count('look'), houses.length),
    look: texts.overview.look(count('look'), houses.length),
    fine: texts.overview.allFine(houses.length),
  }
  return (
    <div class={`verdict ${worst}`}>
      <span class="verdict-icon">
        <Icon name={needIcons[worst]} />
      </span>
      <div>
        <h1>{words[worst]}</h1>
        <p>
          {texts.overview.alarmsOpen(open)}
          {unseen > 0 && ` · ${texts.overview.unseen(unseen)}`}
        </p>
      </div>
    </div>
  )
}

const MOST_STRIPS = 2

function HouseCard({ house, overview, now }: { house: HouseView; overview: Overview; now: number }) {
  const { texts } = usePage()
  const need = needOf(house, now)
  const open = house.alarms.filter(isOpen)
  return (
    <article class={`card house-card ${need}`}>
      <a class="card-head" href={linkTo({ view: 'house', house: house.id, tab: 'now' })}>
        <h2>{house.name}</h2>
        <span class="chip">
          {house.flock ? texts.overview.day(house.flock.ageDays) : texts.overview.noFlock}
        </span>
        <Icon name="forward" />
      </a>
      {open.slice(0, MOST_STRIPS).map((alarm) => (
        <AlarmStrip key={alarm.id} alarm={alarm} timeZone={house.timeZone} />
      ))}
      {open.length > MOST_STRIPS && (
        <a class="more-alarms" href={linkTo({ view: 'alarms' })}>
          {texts.overview.moreAlarms(open.length - MOST_STRIPS)}
        </a>
      )}
      <HouseValues house={house} />
      <footer class="card-foot">
        <EdgeLine edge={edgeOf(house, overview.edges)} />
      </footer>
    </article>
  )
}

function NoHouses() {
  const { texts } = usePage()
  return (
    <>
      <h1 class="page-title">{texts.overview.title}</h1>
      <Empty icon="houses" title={texts.farm.noHouses}>
        <p>{texts.farm.noHousesLead}</p>
        <a class="button primary" href={linkTo({ view: 'add-house' })}>
          {texts.farm.addHouse}
        </a>
        <a class="button" href={linkTo({ view: 'add-edge' })}>
          {texts.farm.addEdge}
        </a>
      </Empty>
    </>
  )
}
