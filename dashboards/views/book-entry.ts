import type { FlockView, HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import type { BookEntry } from '#domain/flock.ts'
import { localDay } from '#domain/time.ts'
import { failureText } from '../parts/messages.tsx'
import type { Page } from '../state/context.ts'
import { newUuid } from '../values/new-uuid.ts'

/** `Died 12, heat` */
export function describeEntry(entry: BookEntry, { texts, format }: Pick<Page, 'texts' | 'format'>): string {
  const kind = texts.books.kinds[entry.kind]
  switch (entry.kind) {
    case 'feed':
      return `${kind} ${format.kg(entry.kg)}`
    case 'weighed':
      return `${kind} ${format.number(entry.birds)} · ${format.kg(entry.kg)} · ${format.withUnit('bird.weight', (1000 * entry.kg) / entry.birds)}`
    case 'medicine':
      return `${kind} ${entry.product} · ${texts.books.withdrawal(format.number(entry.withdrawalDays))}`
    case 'died':
      return `${kind} ${format.number(entry.birds)}${entry.cause ? ` · ${texts.books.causes[entry.cause]}` : ''}`
    case 'sold':
      return `${kind} ${format.number(entry.birds)}${entry.kg === undefined ? '' : ` · ${format.kg(entry.kg)}`}`
    case 'moved':
      return `${entry.birds < 0 ? texts.books.outOf : texts.books.into} ${format.number(Math.abs(entry.birds))}`
    case 'withdrawn':
      return kind
    default:
      return `${kind} ${format.number(entry.birds)}`
  }
}

/** Takes an entry back by one that says so; the books only ever grow. */
export async function takeBack(page: Page, house: HouseView, flock: FlockView, id: string): Promise<void> {
  const { api, actions, texts } = page
  const at = actions.serverNow()
  const entry: BookEntry = {
    id: newUuid(),
    kind: 'withdrawn',
    day: localDay(at, house.timeZone),
    at,
    replaces: id,
  }
  const result = await api.post(actions.farmPath(routes.entries, { flock: flock.id }), entry)
  actions.notify({ text: result.ok ? texts.books.undone : failureText(result.failure, texts) })
  if (result.ok) await actions.refresh()
}
