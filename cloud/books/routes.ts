import { Type } from 'typebox'
import { EntryView, FlockView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { Problem } from '#domain/errors.ts'
import { BookEntry, NewFlock } from '#domain/flock.ts'
import type { Clock } from '#domain/time.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { House, Registry } from '../registry/port.ts'
import { entryMistake, flockMistake } from './check-entry.ts'
import type { Flocks } from './flocks.ts'

type Deps = {
  registry: Registry
  flocks: Flocks
  clock: Clock
  /** A flock or its books changed. */
  onChange(farm: string, house: string): void
}

const tags = ['farm']
const FarmPath = Type.Object({ farm: Type.String() })
const FlockPath = Type.Object({ farm: Type.String(), flock: Type.String() })
const isBreed = (id: string) => id === 'custom' || findBreedStandard(id) !== undefined

export function booksRoutes(app: App, { registry, flocks, clock, onChange }: Deps): void {
  const { books, farms } = registry
  const flockAt = async (farm: string, id: string) => {
    const flock = await books.flock(farm, id)
    const house = flock && (await farms.house(farm, flock.house))
    if (!flock || !house) throw new Problem('not-found', `there is no flock ${id} on this farm`)
    return { flock, house }
  }

  app.get(
    routes.flocks,
    {
      config: { door: 'member' },
      schema: { tags, params: FarmPath, response: { 200: Type.Array(FlockView), ...problems } },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const houses = new Map((await farms.houses(farm.id)).map((house) => [house.id, house]))
      const all = await books.flocks(farm.id)
      return Promise.all(all.map((flock) => flocks.view(farm.id, houses.get(flock.house) as House, flock)))
    },
  )

  app.post(
    routes.flocks,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: FarmPath,
        body: NewFlock,
        response: { 200: FlockView, 201: FlockView, ...problems },
      },
    },
    async (request, reply) => {
      const { farm } = memberAt(request)
      const house = await farms.house(farm.id, request.body.house)
      if (!house) throw new Problem('books-wrong', `there is no house "${request.body.house}" on this farm`)
      const now = clock.now()
      const mistake = flockMistake(request.body, { timeZone: house.timeZone, now }, isBreed)
      if (mistake) throw new Problem('books-wrong', mistake)
      const added = await books.addFlock(farm.id, request.body, now)
      if (added.kind === 'conflict') {
        throw new Problem('already-there', `another flock has the id ${request.body.id}`)
      }
      if (added.kind === 'added') onChange(farm.id, house.id)
      reply.code(added.kind === 'added' ? 201 : 200)
      return flocks.view(farm.id, house, added.value)
    },
  )

  app.get(
    routes.entries,
    {
      config: { door: 'member' },
      schema: { tags, params: FlockPath, response: { 200: Type.Array(EntryView), ...problems } },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const { flock } = await flockAt(farm.id, request.params.flock)
      return books.entries(farm.id, flock.id)
    },
  )

  app.post(
    routes.entries,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: FlockPath,
        body: BookEntry,
        response: { 200: EntryView, 201: EntryView, ...problems },
      },
    },
    async (request, reply) => {
      const { farm, person } = memberAt(request)
      const { flock, house } = await flockAt(farm.id, request.params.flock)
      const now = clock.now()
      const added = await books.addEntry(
        farm.id,
        flock.id,
        request.body,
        { by: person.name, now },
        (entries) => entryMistake(flock, entries, request.body, { timeZone: house.timeZone, now }),
      )
      if (added.kind === 'refused') throw new Problem('books-wrong', added.why)
      if (added.kind === 'conflict') {
        throw new Problem('already-there', `another entry has the id ${request.body.id}`)
      }
      if (added.kind === 'added') onChange(farm.id, house.id)
      reply.code(added.kind === 'added' ? 201 : 200)
      return added.value
    },
  )
}
