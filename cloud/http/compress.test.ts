import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openTestCloud } from '../test/open-test-cloud.ts'

const unpack = { br: brotliDecompressSync, gzip: gunzipSync }

it.each(['br', 'gzip'] as const)(
  'packs JSON with %s for who takes it, and leaves it for who does not',
  async (encoding) => {
    const cloud = await openTestCloud()
    const url = '/api/openapi.json'
    const plain = await cloud.app.inject({ url })
    const packed = await cloud.app.inject({ url, headers: { 'accept-encoding': encoding } })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(packed.headers['content-encoding']).toBe(encoding)
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3)
    expect(unpack[encoding](packed.rawPayload).toString()).toBe(plain.body)
    const small = await cloud.app.inject({ url: '/healthz', headers: { 'accept-encoding': encoding } })
    expect(small.headers['content-encoding']).toBeUndefined()
    await cloud.close()
  },
)
