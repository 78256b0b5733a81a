import { useState } from 'preact/hooks'
import type { EntryView, FlockView, HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { type EntryKind, standingEntries } from '#domain/flock.ts'
import { localDay } from '#domain/time.ts'
import { Icon } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/messages.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { useAnswer, usePage, useStateOf } from '../state/context.ts'
import { describeEntry, takeBack } from './book-entry.ts'
import { EntryForm } from './entry-form.tsx'
import { FlockForm } from './flock-form.tsx'

const writable = [
  'died',
  'culled',
  'feed',
  'medicine',
  'weighed',
  'moved',
  'sold',
  'placed',
] as const satisfies readonly EntryKind[]
type Open = { kind: (typeof writable)[number]; corrects?: EntryView } | { kind: 'flock' }

export function BooksTab({ house }: { house: HouseView }) {
  const { texts } = usePage()
  const [open, setOpen] = useState<Open>()
  const { flock } = house
  const close = () => setOpen(undefined)
  return (
    <>
      {flock ? (
        <Books house={house} flock={flock} onOpen={setOpen} />
      ) : (
        <Empty icon="houses" title={texts.overview.noFlock}>
          <p>{texts.books.placeLead}</p>
          <button type="button" class="button primary" onClick={() => setOpen({ kind: 'flock' })}>
            {texts.books.place}
          </button>
        </Empty>
      )}
      {open?.kind === 'flock' && (
        <Sheet title={flock ? texts.books.placeNew : texts.books.place} onClose={close}>
          <FlockForm house={house} onDone={close} />
        </Sheet>
      )}
      {open && open.kind !== 'flock' && flock && (
        <Sheet
          title={
            open.corrects
              ? `${texts.books.correct}: ${texts.books.kinds[open.kind]}`
              : texts.books.kinds[open.kind]
          }
          onClose={close}
        >
          <EntryForm house={house} flock={flock} kind={open.kind} corrects={open.corrects} onDone={close} />
        </Sheet>
      )}
    </>
  )
}

function Books({ house, flock, onOpen }: { house: HouseView; flock: FlockView; onOpen(open: Open): void }) {
  const { texts, format, actions } = usePage()
  const changed = useStateOf((state) => state.changed[house.id])
  const answer = useAnswer<EntryView[]>(
    actions.farmPath(routes.entries, { flock: flock.id }),
    `${changed}|${JSON.stringify(flock.balance)}`,
  )
  const { balance } = flock
  const figures = [
    [texts.books.kinds.placed, format.number(balance.placed)],
    [
      texts.books.kinds.died,
      `${format.number(balance.died)} · ${format.percent(balance.died / balance.placed)}`,
    ],
    [texts.books.kinds.culled, format.number(balance.culled)],
    [texts.books.kinds.moved, format.number(balance.moved)],
    [texts.books.kinds.sold, format.number(balance.sold)],
    [texts.books.kinds.feed, format.kg(balance.feedKg)],
  ] as const
  return (
    <div class="columns">
      <section class="card padded">
        <h2>{texts.books.present}</h2>
        <p class="present">{format.number(balance.present)}</p>
        {balance.present < 0 && <p class="note bad">{texts.books.wrong}</p>}
        <div class="kinds">
          {writable.map((kind, index) => (
            <button
              key={kind}
              type="button"
              class={index === 0 ? 'button primary' : 'button'}
              onClick={() => onOpen({ kind })}
            >
              <Icon name="plus" />
              {texts.books.kinds[kind]}
            </button>
          ))}
        </div>
        <button type="button" class="button bare" onClick={() => onOpen({ kind: 'flock' })}>
          {texts.books.placeNew}
        </button>
      </section>
      <section class="card padded">
        <h2>{texts.books.sincePlacement}</h2>
        <dl class="counter-list">
          {figures.map(([label, figure]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{figure}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="card entries">
        <h2>{texts.books.entries}</h2>
        {answer.body ? (
          <Entries house={house} flock={flock} entries={answer.body} onOpen={onOpen} />
        ) : (
          <Waiting failure={answer.failure} onRetry={answer.reload} />
        )}
      </section>
    </div>
  )
}

type EntriesGiven = {
  house: HouseView
  flock: FlockView
  entries: readonly EntryView[]
  onOpen(open: Open): void
}

const MOST_ENTRIES = 8

function Entries({ house, flock, entries, onOpen }: EntriesGiven) {
  const page = usePage()
  const { texts, format } = page
  const standing = new Set(standingEntries(entries).map(({ id }) => id))
  const [showsAll, setShowsAll] = useState(false)
  const newest = entries.filter(({ kind }) => kind !== 'withdrawn').sort((a, b) => b.at - a.at)
  if (newest.length === 0) return <p class="quiet">{texts.books.noEntries}</p>
  const wasReplaced = (id: string) =>
    entries.some(({ replaces, kind }) => replaces === id && kind !== 'withdrawn')
  const writer = ({ at, day, by }: EntryView) =>
    localDay(at, house.timeZone) === day
      ? texts.books.writtenBy(by, format.time(at, house.timeZone))
      : texts.books.writtenLater(by, format.time(at, house.timeZone, 0))
  return (
    <>
      <ul class="rows">
        {newest.slice(0, showsAll ? undefined : MOST_ENTRIES).map((entry) => (
          <li key={entry.id} class={standing.has(entry.id) ? 'row' : 'row struck'}>
            <div class="row-body">
              <strong class="entry-what">{describeEntry(entry, page)}</strong>
              <span class="quiet">
                {format.day(entry.day)} · {writer(entry)}
              </span>
              {entry.note && <span class="quiet">{entry.note}</span>}
            </div>
            {standing.has(entry.id) ? (
              <div class="row-actions">
                {entry.kind !== 'withdrawn' && (
                  <button
                    type="button"
                    class="button bare"
                    aria-label={texts.books.correct}
                    title={texts.books.correct}
                    onClick={() => onOpen({ kind: entry.kind as (typeof writable)[number], corrects: entry })}
                  >
                    <Icon name="pencil" />
                  </button>
                )}
                <button
                  type="button"
                  class="button bare"
                  aria-label={texts.books.takeBack}
                  title={texts.books.takeBack}
                  onClick={() => void takeBack(page, house, flock, entry.id)}
                >
                  <Icon name="undo" />
                </button>
              </div>
            ) : (
              <span class="chip">{wasReplaced(entry.id) ? texts.books.replaced : texts.books.takenBack}</span>
            )}
          </li>
        ))}
      </ul>
      {!showsAll && newest.length > MOST_ENTRIES && (
        <button type="button" class="button bare wide" onClick={() => setShowsAll(true)}>
          {texts.books.showAll(format.number(newest.length))}
        </button>
      )}
    </>
  )
}
