import { routes } from '#domain/api/routes.ts'
import {
  type EdgeLedger,
  type LedgerView as Ledger,
  type LedgerDay,
  type LedgerStream,
  standing,
} from '#domain/ledger.ts'
import { DAY } from '#domain/time.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { useAnswer, useNow, usePage } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { ageText, spanText } from '../values/age.ts'

/** What the boxes measured, and what the service has of it: two counts, made apart, held against each other. */
export function LedgerView() {
  const { texts, actions } = usePage()
  const answer = useAnswer<Ledger>(actions.farmPath(routes.ledger))
  if (!answer.body) return <Waiting failure={answer.failure} onRetry={answer.reload} />
  const { edges } = answer.body
  return (
    <>
      <div class="house-head">
        <a class="button bare" href={linkTo({ view: 'health' })} aria-label={texts.common.back}>
          <Icon name="back" />
        </a>
        <h1 class="page-title">{texts.ledger.title}</h1>
      </div>
      <p class="hint">{texts.ledger.lead}</p>
      {edges.length === 0 && <Empty icon="devices" title={texts.health.noEdges} />}
      {edges.map((edge) => (
        <EdgeCard key={edge.edge} ledger={edge} />
      ))}
    </>
  )
}

type Sums = Pick<
  LedgerDay,
  'measured' | 'duplicate' | 'thinned' | 'damaged' | 'aside' | 'missing' | 'surplus' | 'gaps'
> & {
  waiting: number
  inCloud: number
  isCounting: boolean
  longestGapMs: number
  longestOfflineMs: number
  toldAt: number
}

function sumOf(days: readonly LedgerDay[]): Sums {
  const sum = (pick: (day: LedgerDay) => number) => days.reduce((total, day) => total + pick(day), 0)
  const longest = (pick: (day: LedgerDay) => number) => Math.max(0, ...days.map(pick))
  return {
    measured: sum(({ measured }) => measured),
    duplicate: sum(({ duplicate }) => duplicate),
    thinned: sum(({ thinned }) => thinned),
    damaged: sum(({ damaged }) => damaged),
    aside: sum(({ aside }) => aside),
    missing: sum(({ missing }) => missing),
    surplus: sum(({ surplus }) => surplus),
    gaps: sum(({ gaps }) => gaps),
    waiting: sum((day) => standing(day) - day.acknowledged),
    inCloud: sum(({ inCloud }) => inCloud ?? 0),
    isCounting: days.some(({ inCloud }) => inCloud === null),
    longestGapMs: longest(({ longestGapMs }) => longestGapMs),
    longestOfflineMs: longest(({ longestOfflineMs }) => longestOfflineMs),
    toldAt: longest(({ toldAt }) => toldAt),
  }
}

function EdgeCard({ ledger }: { ledger: EdgeLedger }) {
  const { texts, format } = usePage()
  const sums = sumOf(ledger.days)
  const count = (value: number) => format.number(value)
  const facts: [string, string | undefined][] = [
    [texts.ledger.measured, count(sums.measured)],
    [texts.ledger.inCloud, sums.isCounting ? texts.ledger.counting : count(sums.inCloud)],
    [texts.ledger.waiting, count(sums.waiting)],
    [texts.ledger.duplicate, count(sums.duplicate)],
    [texts.ledger.thinned, sums.thinned > 0 ? count(sums.thinned) : undefined],
    [texts.ledger.damaged, sums.damaged > 0 ? count(sums.damaged) : undefined],
    [texts.ledger.surplus, sums.surplus > 0 ? count(sums.surplus) : undefined],
    [texts.ledger.aside, sums.aside > 0 ? count(sums.aside) : undefined],
    [texts.ledger.gaps, count(sums.gaps)],
    [texts.ledger.longestGap, sums.gaps > 0 ? spanText(sums.longestGapMs, texts) : undefined],
    [texts.ledger.longestOffline, spanText(sums.longestOfflineMs, texts)],
  ]
  const title = (
    <h2>
      {texts.health.edge} {ledger.edge}
      {ledger.isRetired && ` · ${texts.ledger.retired}`}
    </h2>
  )
  if (ledger.days.length === 0) {
    return (
      <article class="card padded">
        {title}
        <p class="quiet">{texts.ledger.nothingYet}</p>
      </article>
    )
  }
  return (
    <article class="card padded ledger">
      {title}
      <Verdict sums={sums} isRetired={ledger.isRetired} />
      {!ledger.isRetired && <RoomLine numbers={ledger.numbers} />}
      <dl class="counter-list">
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <details>
        <summary>{texts.ledger.byDay}</summary>
        <DayTable days={ledger.days.toReversed()} />
      </details>
      <details>
        <summary>{texts.ledger.byStream}</summary>
        <StreamTable streams={ledger.streams} />
      </details>
    </article>
  )
}

/** A box that counts says so four times a day: of one that has not for so long nobody knows what is missing. */
const OLD_AFTER_MS = DAY

function Verdict({ sums, isRetired }: { sums: Sums; isRetired: boolean }) {
  const { texts, format } = usePage()
  const now = useNow()
  const isOld = !isRetired && now - sums.toldAt > OLD_AFTER_MS
  const [kind, icon, text]: ['bad' | 'good' | 'open', IconName, string] =
    sums.missing > 0
      ? ['bad', 'warning', texts.ledger.someMissing(format.number(sums.missing))]
      : sums.isCounting
        ? ['open', 'clock', texts.ledger.notCounted]
        : [
            isOld ? 'open' : 'good',
            isOld ? 'clock' : 'check',
            texts.ledger.nothingMissing(format.number(sums.inCloud)),
          ]
  return (
    <p class={`verdict ${kind}`} role="status">
      <Icon name={icon} />
      <span>
        {text}
        {sums.missing > 0 &&
          sums.damaged > 0 &&
          ` ${texts.ledger.ofThoseDamaged(format.number(sums.damaged))}`}
        {` ${texts.ledger.asOf(ageText(sums.toldAt, now, texts))}`}
      </span>
    </p>
  )
}

/** Said in red before it happens: below a few days there is little time to bring the line back. */
const FEW_DAYS = 5

function RoomLine({ numbers }: { numbers: EdgeLedger['numbers'] }) {
  const { texts, format } = usePage()
  if (numbers?.daysLeft === undefined) return null
  const isLow = numbers.daysLeft < FEW_DAYS
  return (
    <p class={isLow ? 'edge-line bad' : 'edge-line'}>
      <Icon name={isLow ? 'warning' : 'check'} />
      {texts.ledger.room(format.number(Math.floor(numbers.daysLeft)))}
      {isLow && ` ${texts.ledger.roomLow}`}
    </p>
  )
}

function DayTable({ days }: { days: readonly LedgerDay[] }) {
  const { texts, format } = usePage()
  return (
    <table class="ledger-table">
      <thead>
        <tr>
          <th scope="col">{texts.ledger.day}</th>
          <th scope="col">{texts.ledger.measured}</th>
          <th scope="col">{texts.ledger.inCloud}</th>
          <th scope="col">{texts.ledger.missing}</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, measured, inCloud, missing }) => (
          <tr key={day} class={missing > 0 ? 'bad' : undefined}>
            <th scope="row">{format.day(day)}</th>
            <td>{format.number(measured)}</td>
            <td>{inCloud === null ? '…' : format.number(inCloud)}</td>
            <td>{format.number(missing)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function StreamTable({ streams }: { streams: readonly LedgerStream[] }) {
  const { texts, format } = usePage()
  return (
    <table class="ledger-table">
      <thead>
        <tr>
          <th scope="col">{texts.ledger.stream}</th>
          <th scope="col">{texts.ledger.measured}</th>
          <th scope="col">{texts.ledger.missing}</th>
          <th scope="col">{texts.ledger.longestGap}</th>
        </tr>
      </thead>
      <tbody>
        {streams.map(({ house, device, metric, by, measured, missing, gaps, longestGapMs }) => (
          <tr key={`${house} ${device} ${metric} ${by}`} class={missing > 0 ? 'bad' : undefined}>
            <th scope="row">
              {format.metricName(metric)}
              <small>
                {house} · {device}
                {by !== '' && ` · ${by}`}
              </small>
            </th>
            <td>{format.number(measured)}</td>
            <td>{format.number(missing)}</td>
            <td>{gaps > 0 ? spanText(longestGapMs, texts) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
