import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { Problem } from '#domain/errors.ts'

const unpackZstd = promisify(zstdDecompress)

/**
 * JSON from a body as received, packed with zstd or not. Never unpacks more than `maxBytes`, whatever the
 * body claims. Throws a Problem: `too-large`, or `not-valid` with what is wrong.
 */
export async function unpackBody(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<unknown> {
  const plain = await unpack(bytes, encoding, maxBytes)
  if (plain.length > maxBytes) throw tooLarge(maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
  } catch {
    throw new Problem('not-valid', 'body is not JSON in UTF-8')
  }
}

async function unpack(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') return bytes
  if (encoding !== 'zstd') {
    throw new Problem('not-valid', `content-encoding "${encoding}" is not known here: send zstd or none`)
  }
  try {
    return await unpackZstd(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(maxBytes)
    throw new Problem('not-valid', 'body is not whole zstd')
  }
}

const tooLarge = (maxBytes: number) =>
  new Problem('too-large', `body holds more than ${maxBytes} bytes of JSON`)
