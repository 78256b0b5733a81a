import { Value } from 'typebox/value'
import { Wants } from '#domain/sync.ts'

/** What the cloud wanted last, from a note of the store. Undefined where it is none: the cloud says it anew. */
export function readWants(note: string | undefined): Wants | undefined {
  if (note === undefined) return undefined
  try {
    const wants: unknown = JSON.parse(note)
    return Value.Check(Wants, wants) ? wants : undefined
  } catch {
    return undefined
  }
}
