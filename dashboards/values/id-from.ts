import { newUuid } from './new-uuid.ts'

/** An id for a name: its Latin letters and digits, and where too few are left (Chinese names) a random one. */
export function idFrom(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
  return plain.length >= 3 ? plain : `farm-${newUuid().slice(0, 8)}`
}
