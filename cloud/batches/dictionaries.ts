import { createHash } from 'node:crypto'
import type { Dictionary } from '#domain/columns/dictionary.ts'
import { parseDictionary } from '#domain/columns/parse-dictionary.ts'
import { Problem } from '#domain/errors.ts'
import type { Edge } from '../registry/port.ts'
import { DICTIONARIES_PER_EDGE, type DictionaryStore } from './port.ts'

/** The names that edges do not say again with every batch. */
export type Dictionaries = {
  of(edge: Edge, hash: string): Promise<Dictionary | undefined>
  /** Durable when it resolves. Throws a Problem. */
  put(edge: Edge, hash: string, json: Uint8Array): Promise<void>
}

/** Parsed ones, the last used at the end. They take two to three times the memory of their JSON, which is counted. */
type AtHand = Map<string, { dictionary: Dictionary; bytes: number }>

/** Bytes of JSON of all that are kept parsed: of a farm of six houses it is some 20 kB. */
const MAX_AT_HAND_BYTES = 32_000_000

export function createDictionaries(store: DictionaryStore, maxAtHandBytes = MAX_AT_HAND_BYTES): Dictionaries {
  /** By edge; those heard last stand at the end. */
  const edges = new Map<string, AtHand>()
  let bytesAtHand = 0

  const drop = (edge: string, hash: string) => {
    const ofEdge = edges.get(edge)
    bytesAtHand -= ofEdge?.get(hash)?.bytes ?? 0
    ofEdge?.delete(hash)
    if (ofEdge?.size === 0) edges.delete(edge)
  }
  const dropOldest = (edge: string, ofEdge: AtHand) => {
    const [oldest] = ofEdge.keys()
    if (oldest !== undefined) drop(edge, oldest)
  }
  const remember = (edge: string, hash: string, dictionary: Dictionary, bytes: number) => {
    drop(edge, hash)
    const ofEdge: AtHand = edges.get(edge) ?? new Map()
    ofEdge.set(hash, { dictionary, bytes })
    edges.delete(edge)
    edges.set(edge, ofEdge)
    bytesAtHand += bytes
    if (ofEdge.size > DICTIONARIES_PER_EDGE) dropOldest(edge, ofEdge)
    while (bytesAtHand > maxAtHandBytes) {
      const [quiet] = edges
      if (quiet) dropOldest(...quiet)
    }
  }

  return {
    async of(edge, hash) {
      const known = edges.get(edge.id)?.get(hash)
      if (known) {
        remember(edge.id, hash, known.dictionary, known.bytes)
        return known.dictionary
      }
      const json = await store.find(edge, hash)
      const dictionary = json && parseDictionary(json)
      if (dictionary) remember(edge.id, hash, dictionary, json.length)
      return dictionary
    },
    async put(edge, hash, json) {
      const is = createHash('sha256').update(json).digest('hex').slice(0, 16)
      if (is !== hash) throw new Problem('not-valid', `this is dictionary ${is}, not ${hash}`)
      const dictionary = parseDictionary(json)
      if (!dictionary) throw new Problem('not-valid', 'body is no dictionary')
      await store.keep(edge, hash, json)
      remember(edge.id, hash, dictionary, json.length)
    },
  }
}
