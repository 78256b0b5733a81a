import { useState } from 'preact/hooks'
import type { HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { breedStandards } from '#domain/breeds/breed-standards.ts'
import { type NewFlock, sexes } from '#domain/flock.ts'
import { localDay } from '#domain/time.ts'
import { Choice, CountField, Field, Form } from '../parts/form.tsx'
import { usePage } from '../state/context.ts'
import { newUuid } from '../values/new-uuid.ts'

const MOST_BIRDS = 500_000

export function FlockForm({ house, onDone }: { house: HouseView; onDone(): void }) {
  const { texts, language, api, actions } = usePage()
  const [id] = useState(newUuid)
  const today = localDay(actions.serverNow(), house.timeZone)
  const breeds = [
    ...breedStandards.map((standard) => ({ value: standard.id, label: standard.name[language] })),
    { value: 'custom', label: texts.books.ownBreed },
  ]
  return (
    <Form
      submit={texts.books.place}
      onCancel={onDone}
      onSubmit={async ({ breed = 'custom', sex, placedOn = today, placed }) => {
        const flock: NewFlock = {
          id,
          house: house.id,
          breed,
          sex: sexes.find((known) => known === sex) ?? 'as-hatched',
          placedOn,
          placed: Number(placed),
        }
        const result = await api.post(actions.farmPath(routes.flocks), flock)
        if (result.ok) {
          onDone()
          await actions.refresh()
        }
        return result
      }}
    >
      <CountField name="placed" label={texts.books.placedBirds} max={MOST_BIRDS} />
      <Field name="placedOn" label={texts.books.placedOn} type="date" value={today} max={today} />
      <Choice name="breed" label={texts.books.breed} options={breeds} />
      <Choice
        name="sex"
        label={texts.books.sex}
        options={sexes.map((value) => ({ value, label: texts.books.sexes[value] }))}
      />
    </Form>
  )
}
