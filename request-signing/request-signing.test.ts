import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { httpbis } from 'http-message-signatures'
import { describe, expect, it } from 'vitest'
import { contentDigest } from './components.ts'
import { signRequest } from './sign-request.ts'
import { publicKeyFrom, verifyRequest } from './verify-request.ts'

const NOW = Date.UTC(2026, 5, 1)
const pair = generateKeyPairSync('ed25519')
const raw = pair.publicKey.export({ format: 'jwk' }).x as string
const lookup = async (id: string) => (id === 'edge-1' ? publicKeyFrom(raw) : undefined)
const body = new TextEncoder().encode('{"lane":"readings"}')
const request = {
  method: 'POST',
  url: '/api/edge/v1/batches?x=1',
  headers: { 'content-type': 'application/json' },
  body,
}
const key = { id: 'edge-1', privateKey: pair.privateKey }

describe('request signing', () => {
  it('accepts what the edge signed, whatever host stands in front', async () => {
    const headers = await signRequest(
      key,
      { ...request, url: `https://farm.example:8443${request.url}` },
      NOW,
    )
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    expect(await verifyRequest({ ...request, headers: lower }, lookup, NOW)).toEqual({
      ok: true,
      keyId: 'edge-1',
    })
  })

  const forgeries: [
    string,
    (headers: Record<string, string>) => Parameters<typeof verifyRequest>[0],
    string,
  ][] = [
    [
      'another body',
      (headers) => ({ ...request, headers, body: new TextEncoder().encode('{}') }),
      'signature-wrong',
    ],
    [
      'another body with its digest',
      (headers) => {
        const other = new TextEncoder().encode('{}')
        return { ...request, body: other, headers: { ...headers, 'content-digest': contentDigest(other) } }
      },
      'signature-wrong',
    ],
    ['another path', (headers) => ({ ...request, headers, url: '/api/edge/v1/live?x=1' }), 'signature-wrong'],
    [
      'another query',
      (headers) => ({ ...request, headers, url: '/api/edge/v1/batches?x=2' }),
      'signature-wrong',
    ],
    ['another method', (headers) => ({ ...request, headers, method: 'GET' }), 'signature-wrong'],
    ['no signature', () => request, 'signature-missing'],
    [
      'a signature over fewer fields',
      (headers) => ({
        ...request,
        headers: {
          ...headers,
          'signature-input': (headers['signature-input'] ?? '').replace('"@path" ', ''),
        },
      }),
      'signature-wrong',
    ],
    [
      'an unknown edge',
      (headers) => ({
        ...request,
        headers: {
          ...headers,
          'signature-input': (headers['signature-input'] ?? '').replace('edge-1', 'edge-2'),
        },
      }),
      'edge-unknown',
    ],
  ]
  it.each(forgeries)('refuses %s', async (_, forge, code) => {
    const signed = await signRequest(key, request, NOW)
    const headers = Object.fromEntries(
      Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]),
    )
    expect(await verifyRequest(forge(headers), lookup, NOW)).toMatchObject({ ok: false, code })
  })

  it.each([-301, 301])('refuses a signature %d s away from its own time', async (seconds) => {
    const signed = await signRequest(key, request, NOW + seconds * 1000)
    const headers = Object.fromEntries(
      Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]),
    )
    expect(await verifyRequest({ ...request, headers }, lookup, NOW)).toMatchObject({
      code: 'signature-expired',
    })
  })

  it('never throws, whatever the headers hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (signature, input) => {
        const headers = { signature, 'signature-input': input, 'content-digest': contentDigest(body) }
        expect(await verifyRequest({ ...request, headers }, lookup, NOW)).toMatchObject({ ok: false })
      }),
    )
  })

  it('reads the signature of RFC 9421, B.2.6, with the key of B.1.4', async () => {
    const publicKey = createPublicKey(
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n',
    )
    const { verify } = await import('node:crypto')
    const good = await httpbis.verifyMessage(
      {
        notAfter: Number.MAX_SAFE_INTEGER,
        keyLookup: async () => ({
          verify: async (data, signature) => verify(null, data, publicKey, signature),
        }),
      },
      {
        method: 'POST',
        url: 'https://example.com/foo?param=Value&Pet=dog',
        headers: {
          host: 'example.com',
          date: 'Tue, 20 Apr 2021 02:07:55 GMT',
          'content-type': 'application/json',
          'content-length': '18',
          'signature-input':
            'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
          signature:
            'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
        },
      },
    )
    expect(good).toBe(true)
  })
})
