import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** OWASP password storage cheat sheet: argon2id with 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const KEY_BYTES = 32
const SALT_BYTES = 16

const derive = promisify(argon2)

/** `$argon2id$v=19$m=…,t=…,p=…$salt$key` (PHC string): the costs can be raised later without locking anybody out. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await keyOf(password, salt, { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES })
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(key)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Without a stored hash (nobody of that login) it takes as long, and is false. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, memory, passes, parallelism, salt, key] = PHC.exec(stored ?? '') ?? []
  if (!salt || !key) {
    await hashPassword(password)
    return false
  }
  const costs = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const expected = Buffer.from(key, 'base64')
  const actual = await keyOf(password, Buffer.from(salt, 'base64'), costs)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

type Costs = { memory: number; passes: number; parallelism: number }

/** The same letters typed on another keyboard may come as other code points: NFKC makes them one. */
function keyOf(password: string, nonce: Buffer, costs: Costs): Promise<Buffer> {
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength: KEY_BYTES, ...costs })
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
