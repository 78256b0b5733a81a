import { createHash } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import type { Edge } from '../registry/port.ts'
import { createDictionaries, type Dictionaries } from './dictionaries.ts'
import { DICTIONARIES_PER_EDGE } from './port.ts'

const edge = (id: string): Edge => ({ id, farm: 'north', publicKey: '', enrolledAt: 0, seenAt: 0 })
const jsonOf = (name: string) =>
  Buffer.from(JSON.stringify([{ house: 'h1', device: name, source: 'sensor', by: '', metrics: [] }]))
const hashOf = (json: Uint8Array) => createHash('sha256').update(json).digest('hex').slice(0, 16)

/** Which of them the store was asked for, as they were no longer at hand. */
let asked: string[]
let stored: Map<string, Uint8Array>
const open = (maxAtHandBytes?: number) =>
  createDictionaries(
    {
      find: async ({ id }, hash) => {
        asked.push(`${id} ${hash}`)
        return stored.get(`${id} ${hash}`)
      },
      keep: async ({ id }, hash, json) => {
        stored.set(`${id} ${hash}`, json)
      },
    },
    maxAtHandBytes,
  )
const put = async (dictionaries: Dictionaries, id: string, name: string) => {
  const json = jsonOf(name)
  await dictionaries.put(edge(id), hashOf(json), json)
  return hashOf(json)
}
beforeEach(() => {
  asked = []
  stored = new Map()
})

it('that edges sent lately are at hand; the ones that were not used longest give way to them', async () => {
  const three = 3 * jsonOf('a').length
  const dictionaries = open(three)
  const hashes = { a: '', b: '', c: '', d: '' }
  for (const name of ['a', 'b', 'c'] as const) hashes[name] = await put(dictionaries, name, name)
  await dictionaries.of(edge('a'), hashes.a)
  hashes.d = await put(dictionaries, 'd', 'd')
  for (const name of ['a', 'c', 'd'] as const)
    expect(await dictionaries.of(edge(name), hashes[name])).toMatchObject([{ device: name }])
  expect(asked).toEqual([])
  expect(await dictionaries.of(edge('b'), hashes.b)).toMatchObject([{ device: 'b' }])
  expect(asked).toEqual([`b ${hashes.b}`])
})

it('of one edge are at hand up to eight, however small they are', async () => {
  const dictionaries = open()
  const quiet = await put(dictionaries, 'quiet', 'one')
  const hashes: string[] = []
  for (let n = 0; n < 100; n++) hashes.push(await put(dictionaries, 'loud', `device-${n}`))
  for (const hash of hashes.slice(-DICTIONARIES_PER_EDGE)) await dictionaries.of(edge('loud'), hash)
  await dictionaries.of(edge('quiet'), quiet)
  expect(asked).toEqual([])
  await dictionaries.of(edge('loud'), hashes.at(-DICTIONARIES_PER_EDGE - 1) as string)
  expect(asked.length).toBe(1)
})

it('that are larger than all that may be at hand are read each time', async () => {
  const dictionaries = open(10)
  const hash = await put(dictionaries, 'a', 'a')
  expect(await dictionaries.of(edge('a'), hash)).toMatchObject([{ device: 'a' }])
  expect(await dictionaries.of(edge('a'), hash)).toMatchObject([{ device: 'a' }])
  expect(asked.length).toBe(2)
})
