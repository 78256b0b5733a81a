import { useState } from 'preact/hooks'
import type { FlockView, HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { type BookEntry, causesOfDeath, type EntryKind } from '#domain/flock.ts'
import { localDay } from '#domain/time.ts'
import { Choice, CountField, Field, Form } from '../parts/form.tsx'
import { usePage } from '../state/context.ts'
import { newUuid } from '../values/new-uuid.ts'
import { describeEntry, takeBack } from './book-entry.ts'

type Kind = Exclude<EntryKind, 'withdrawn'>
type Fields = Readonly<Record<string, string>>
type Given = {
  house: HouseView
  flock: FlockView
  kind: Kind
  corrects: BookEntry | undefined
  onDone(): void
}

const MOST_BIRDS = 500_000
const MOST_WEIGHED = 10_000

/** Writes one entry. Its id is made when the form opens, so that trying again after a cut line counts once. */
export function EntryForm({ house, flock, kind, corrects, onDone }: Given) {
  const page = usePage()
  const { texts, api, actions } = page
  const [id] = useState(newUuid)
  const today = localDay(actions.serverNow(), house.timeZone)
  return (
    <Form
      submit={texts.common.save}
      onCancel={onDone}
      onSubmit={async (fields) => {
        const entry: BookEntry = {
          id,
          day: fields['day'] ?? today,
          at: actions.serverNow(),
          ...(fields['note'] !== undefined && { note: fields['note'] }),
          ...(corrects && { replaces: corrects.id }),
          ...contentOf(kind, fields),
        }
        const result = await api.post(actions.farmPath(routes.entries, { flock: flock.id }), entry)
        if (result.ok) {
          onDone()
          actions.notify({
            text: texts.books.written(describeEntry(entry, page)),
            undo: () => takeBack(page, house, flock, id),
          })
          await actions.refresh()
        }
        return result
      }}
    >
      {corrects && <p class="hint">{texts.books.correcting}</p>}
      <KindFields kind={kind} before={corrects} />
      <Field
        name="day"
        label={texts.books.day}
        type="date"
        value={corrects?.day ?? today}
        min={flock.placedOn}
        max={today}
      />
      <Field name="note" label={texts.books.note} value={corrects?.note ?? ''} maxLength={500} isOptional />
    </Form>
  )
}

/** The part of an entry that its kind asks for. The browser has checked the fields; the service checks again. */
function contentOf(kind: Kind, fields: Fields) {
  const birds = Number(fields['birds'])
  const kg = fields['kg'] === undefined ? undefined : Number(fields['kg'])
  const cause = causesOfDeath.find((known) => known === fields['cause'])
  switch (kind) {
    case 'feed':
      return { kind, kg: kg ?? Number.NaN }
    case 'medicine':
      return { kind, product: fields['product'] ?? '', withdrawalDays: Number(fields['withdrawalDays']) }
    case 'died':
      return { kind, birds, ...(cause && { cause }) }
    case 'weighed':
      return { kind, birds, kg: kg ?? Number.NaN }
    case 'sold':
      return { kind, birds, ...(kg !== undefined && { kg }) }
    case 'moved':
      return { kind, birds: fields['direction'] === 'out' ? -birds : birds }
    case 'placed':
    case 'culled':
      return { kind, birds }
  }
}

function KindFields({ kind, before }: { kind: Kind; before: BookEntry | undefined }) {
  const { texts } = usePage()
  if (kind === 'feed') {
    const kg = before?.kind === 'feed' ? before.kg : ''
    return (
      <Field
        name="kg"
        label={texts.books.feedKg}
        type="number"
        step="any"
        min={0.1}
        max={1_000_000}
        value={kg}
      />
    )
  }
  if (kind === 'medicine') {
    const medicine = before?.kind === 'medicine' ? before : undefined
    return (
      <>
        <Field name="product" label={texts.books.product} value={medicine?.product ?? ''} maxLength={120} />
        <Field
          name="withdrawalDays"
          label={texts.books.withdrawalDays}
          type="number"
          min={0}
          max={120}
          step={1}
          value={medicine?.withdrawalDays ?? ''}
        />
      </>
    )
  }
  const birds = before && 'birds' in before ? before.birds : undefined
  return (
    <>
      <CountField
        name="birds"
        label={texts.books.birds}
        max={kind === 'weighed' ? MOST_WEIGHED : MOST_BIRDS}
        {...(birds !== undefined && { value: Math.abs(birds) })}
      />
      {kind === 'died' && (
        <Choice
          name="cause"
          label={texts.books.cause}
          options={causesOfDeath.map((value) => ({ value, label: texts.books.causes[value] }))}
          value={(before?.kind === 'died' && before.cause) || 'unknown'}
        />
      )}
      {kind === 'moved' && (
        <Choice
          name="direction"
          label={texts.books.direction}
          options={[
            { value: 'in', label: texts.books.into },
            { value: 'out', label: texts.books.outOf },
          ]}
          value={(birds ?? 0) < 0 ? 'out' : 'in'}
        />
      )}
      {kind === 'weighed' && (
        <Field
          name="kg"
          label={texts.books.weighedKg}
          type="number"
          step="any"
          min={0.05}
          max={100_000}
          value={before?.kind === 'weighed' ? before.kg : ''}
        />
      )}
      {kind === 'sold' && (
        <Field
          name="kg"
          label={texts.books.loadKg}
          type="number"
          step="any"
          min={0.1}
          max={2_000_000}
          value={(before?.kind === 'sold' && before.kg) || ''}
          isOptional
        />
      )}
    </>
  )
}
