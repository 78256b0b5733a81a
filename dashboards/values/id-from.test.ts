import { expect, it } from 'vitest'
import { isId } from '#domain/reading.ts'
import { idFrom } from './id-from.ts'

it.each([
  ['Oak Tree Farm', 'oak-tree-farm'],
  ['  Ferme de l’Étang ', 'ferme-de-l-etang'],
  ['河畔养殖场', /^farm-[0-9a-f]{8}$/],
  ['A', /^farm-[0-9a-f]{8}$/],
  ['x'.repeat(200), 'x'.repeat(48)],
])('%s', (name, id) => {
  expect(idFrom(name)).toMatch(id)
  expect(isId(idFrom(name))).toBe(true)
})
