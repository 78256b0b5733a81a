import { promisify } from 'node:util'
import { zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { Problem } from '#domain/errors.ts'

const unpackAside = promisify(zstdDecompress)
/** What is smaller, packed and unpacked, is unpacked sooner than handed to another thread. */
const SMALL = { packed: 16_000, plain: 256_000 }

/**
 * JSON from a body as received, packed with zstd or not. Never unpacks more than `maxBytes`, whatever the
 * body claims. Throws a Problem: `too-large`, or `not-valid` with what is wrong.
 */
export async function unpackBody(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<unknown> {
  const plain = await plainBody(bytes, encoding, maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
  } catch {
    throw new Problem('not-valid', 'body is not JSON in UTF-8')
  }
}

/** The same for a body that is not to be parsed yet. */
export async function plainBody(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (encoding !== undefined && encoding !== 'identity' && encoding !== 'zstd') {
    throw new Problem('not-valid', `content-encoding "${encoding}" is not known here: send zstd or none`)
  }
  const plain = encoding === 'zstd' ? await unpackZstd(bytes, maxBytes) : bytes
  if (plain === undefined) throw new Problem('not-valid', 'body is not whole zstd')
  if (plain.length > maxBytes) throw tooLarge(maxBytes)
  return plain
}

/** Undefined when it is not whole zstd. Throws `too-large` before it makes room for more than `maxBytes`. */
export async function unpackZstd(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    if (bytes.length < SMALL.packed)
      return zstdDecompressSync(bytes, { maxOutputLength: Math.min(maxBytes, SMALL.plain) })
  } catch (error) {
    if (!isOutOfRoom(error)) return undefined
  }
  try {
    return await unpackAside(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (isOutOfRoom(error)) throw tooLarge(maxBytes)
    return undefined
  }
}

function isOutOfRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

const tooLarge = (maxBytes: number) => new Problem('too-large', `body unpacks to more than ${maxBytes} bytes`)
