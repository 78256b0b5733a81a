import { Compile } from 'typebox/compile'
import { Dictionary } from './dictionary.ts'

const dictionary = Compile(Dictionary)
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A dictionary from its JSON in UTF-8; undefined for anything else. */
export function parseDictionary(bytes: Uint8Array): Dictionary | undefined {
  try {
    const json: unknown = JSON.parse(utf8.decode(bytes))
    return dictionary.Check(json) ? json : undefined
  } catch {
    return undefined
  }
}
