import type { ComponentChildren, ComponentType, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon, type IconName } from './parts/icon.tsx'
import { useNow, usePage, useStateOf } from './state/context.ts'
import { linkTo, type Place, usePlace } from './state/router.ts'
import { ageText } from './values/age.ts'
import { farmAlarms, isPending } from './values/house-order.ts'
import { OverviewView } from './views/overview.tsx'

/** A view that comes with its own chunk: the first screen does not wait for what is behind it. */
function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => JSX.Element {
  let loaded: ComponentType<Props> | undefined
  return function Lazy(props: Props) {
    const { texts } = usePage()
    const [View, setView] = useState(() => loaded)
    useEffect(() => {
      if (View) return
      void load().then((view) => {
        loaded = view
        setView(() => view)
      })
    }, [])
    if (View) return <View {...props} />
    return (
      <p class="loading" role="status">
        {texts.common.loading}
      </p>
    )
  }
}

const LogInView = lazy(() => import('./views/enter.tsx').then(({ LogInView }) => LogInView))
const SetupView = lazy(() => import('./views/enter.tsx').then(({ SetupView }) => SetupView))
const NewFarmView = lazy(() => import('./views/enter.tsx').then(({ NewFarmView }) => NewFarmView))
const UnreachableView = lazy(() => import('./views/enter.tsx').then(({ UnreachableView }) => UnreachableView))
const HouseView = lazy(() => import('./views/house.tsx').then(({ HouseView }) => HouseView))
const AlarmsView = lazy(() => import('./views/alarms.tsx').then(({ AlarmsView }) => AlarmsView))
const HealthView = lazy(() => import('./views/health.tsx').then(({ HealthView }) => HealthView))
const LedgerView = lazy(() => import('./views/ledger.tsx').then(({ LedgerView }) => LedgerView))
const MoreView = lazy(() => import('./views/more.tsx').then(({ MoreView }) => MoreView))
const AddHouseView = lazy(() => import('./views/add-house.tsx').then(({ AddHouseView }) => AddHouseView))
const AddEdgeView = lazy(() => import('./views/add-edge.tsx').then(({ AddEdgeView }) => AddEdgeView))

export function App() {
  const phase = useStateOf((state) => state.phase)
  switch (phase) {
    case 'starting':
      return <p class="starting">Flockwise …</p>
    case 'setup':
      return <SetupView />
    case 'log-in':
      return <LogInView />
    case 'no-farm':
      return <NewFarmView />
    case 'unreachable':
      return <UnreachableView />
    case 'farm':
      return <Farm />
  }
}

function Farm() {
  const place = usePlace()
  const main = useRef<HTMLElement>(null)
  const address = linkTo(place)
  const isFirst = useRef(true)
  useEffect(() => {
    // A new view begins at its top, and a screen reader reads it from there.
    if (!isFirst.current && !address.startsWith('#/house/')) main.current?.focus({ preventScroll: true })
    if (!isFirst.current) scrollTo(0, 0)
    isFirst.current = false
  }, [address])
  return (
    <div class="frame">
      <TopBar />
      <Navigation place={place} />
      <main ref={main} tabIndex={-1} class="main">
        <LinkBanner />
        <ViewOf place={place} />
      </main>
      <Foot />
    </div>
  )
}

function ViewOf({ place }: { place: Place }) {
  switch (place.view) {
    case 'overview':
      return <OverviewView />
    case 'house':
      return <HouseView key={place.house} id={place.house} tab={place.tab} />
    case 'alarms':
      return <AlarmsView />
    case 'health':
      return <HealthView />
    case 'ledger':
      return <LedgerView />
    case 'more':
      return <MoreView />
    case 'add-house':
      return <AddHouseView />
    case 'add-edge':
      return <AddEdgeView />
  }
}

function TopBar() {
  const { texts } = usePage()
  const link = useStateOf((state) => state.link)
  const name = useStateOf(
    (state) => state.overview?.farm.name ?? state.me?.farms.find(({ id }) => id === state.farm)?.name,
  )
  const icons: Record<typeof link, IconName> = { live: 'signal', connecting: 'clock', down: 'offline' }
  return (
    <header class="top">
      <img src="./icon.svg" alt="" width="32" height="32" />
      <span class="farm-name">{name ?? 'Flockwise'}</span>
      <span class={`link ${link}`} role="status">
        <Icon name={icons[link]} />
        {texts.link[link]}
      </span>
    </header>
  )
}

/** While not live: what is shown, and from when. */
function LinkBanner() {
  const { texts, format } = usePage()
  const link = useStateOf((state) => state.link)
  const knownAt = useStateOf((state) => state.knownAt)
  const timeZone = useStateOf((state) => state.overview?.farm.timeZone)
  const now = useNow()
  if (link === 'live' || knownAt === 0) return null
  const words = link === 'down' ? texts.link.downSince : texts.link.connectingSince
  return (
    <div class={`note link-note ${link}`} role="status">
      <Icon name={link === 'down' ? 'offline' : 'clock'} />
      <span>{words(format.time(knownAt, timeZone ?? 'UTC', now), ageText(knownAt, now, texts))}</span>
    </div>
  )
}

function Navigation({ place }: { place: Place }) {
  const { texts } = usePage()
  const pending = useStateOf(
    (state) =>
      farmAlarms(state.alarms).length +
      (state.overview?.houses.reduce((sum, { alarms }) => sum + alarms.filter(isPending).length, 0) ?? 0),
  )
  const isHouses = place.view === 'overview' || place.view === 'house'
  const isMore = place.view === 'more' || place.view === 'add-house' || place.view === 'add-edge'
  return (
    <nav class="navigation" aria-label={texts.nav.main}>
      <Tab to={{ view: 'overview' }} icon="houses" isHere={isHouses}>
        {texts.nav.houses}
      </Tab>
      <Tab to={{ view: 'alarms' }} icon="bell" isHere={place.view === 'alarms'}>
        {texts.nav.alarms}
        {pending > 0 && <span class="count">{pending}</span>}
      </Tab>
      <Tab to={{ view: 'health' }} icon="devices" isHere={place.view === 'health' || place.view === 'ledger'}>
        {texts.nav.health}
      </Tab>
      <Tab to={{ view: 'more' }} icon="more" isHere={isMore}>
        {texts.nav.more}
      </Tab>
    </nav>
  )
}

function Tab({
  to,
  icon,
  isHere,
  children,
}: {
  to: Place
  icon: IconName
  isHere: boolean
  children: ComponentChildren
}) {
  return (
    <a href={linkTo(to)} aria-current={isHere ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{children}</span>
    </a>
  )
}

/** What was just done, with a way back; and that a new version of the page waits. */
function Foot() {
  const { texts, store } = usePage()
  const notice = useStateOf((state) => state.notice)
  const newVersion = useStateOf((state) => state.newVersion)
  return (
    <div class="foot" role="status">
      {notice && (
        <div class="toast">
          <Icon name="check" />
          <span>{notice.text}</span>
          {notice.undo && (
            <button
              type="button"
              class="button"
              onClick={() => {
                const { undo } = notice
                store.set({ notice: undefined })
                void undo?.()
              }}
            >
              <Icon name="undo" />
              {texts.books.undo}
            </button>
          )}
        </div>
      )}
      {newVersion && (
        <div class="toast">
          <span>{texts.link.newVersion}</span>
          <button type="button" class="button" onClick={newVersion}>
            {texts.link.useIt}
          </button>
        </div>
      )}
    </div>
  )
}
