import { createHash } from 'node:crypto'
import type { Dictionary } from '#domain/columns/dictionary.ts'
import { parseDictionary } from '#domain/columns/parse-dictionary.ts'
import { Problem } from '#domain/errors.ts'
import type { Edge } from '../registry/port.ts'
import type { DictionaryStore } from './port.ts'

/** The names that edges do not say again with every batch. */
export type Dictionaries = {
  of(edge: Edge, hash: string): Promise<Dictionary | undefined>
  /** Durable when it resolves. Throws a Problem. */
  put(edge: Edge, hash: string, json: Uint8Array): Promise<void>
}

/** Parsed ones that are kept at hand: some 100 kB each for a farm of six houses. */
const AT_HAND = 1000

export function createDictionaries(store: DictionaryStore): Dictionaries {
  const atHand = new Map<string, Dictionary>()
  const remember = (key: string, dictionary: Dictionary) => {
    atHand.delete(key)
    atHand.set(key, dictionary)
    const [oldest] = atHand.keys()
    if (atHand.size > AT_HAND && oldest !== undefined) atHand.delete(oldest)
  }

  return {
    async of(edge, hash) {
      const key = `${edge.id} ${hash}`
      const known = atHand.get(key)
      const json = known ? undefined : await store.find(edge, hash)
      const dictionary = known ?? (json && parseDictionary(json))
      if (dictionary) remember(key, dictionary)
      return dictionary
    },
    async put(edge, hash, json) {
      const is = createHash('sha256').update(json).digest('hex').slice(0, 16)
      if (is !== hash) throw new Problem('not-valid', `this is dictionary ${is}, not ${hash}`)
      const dictionary = parseDictionary(json)
      if (!dictionary) throw new Problem('not-valid', 'body is no dictionary')
      await store.keep(edge, hash, json)
      remember(`${edge.id} ${hash}`, dictionary)
    },
  }
}
