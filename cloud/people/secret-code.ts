import { createHash, randomInt } from 'node:crypto'

/** Digits and letters that nobody mixes up: no 0 O, 1 I L, U V. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTWXYZ'
const GROUP = 5

/** A code for a person to read and type, `groups` times five characters: `K7Q2M-9XWRA`. Two groups hold 48 bits. */
export function makeCode(groups: number): string {
  const group = () => Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return Array.from({ length: groups }, group).join('-')
}

/** What is kept of a code: it says nothing about it. Case, blanks and dashes do not matter. */
export function hashCode(code: string): string {
  return hashSecret(code.toUpperCase().replace(/[^0-9A-Z]/g, ''))
}

/** SHA-256, hex. Fit for random secrets, not for passwords. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
