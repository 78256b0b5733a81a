import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestCloud, type TestCloud } from '../test/open-test-cloud.ts'

let cloud: TestCloud
const page = mkdtempSync(join(tmpdir(), 'flockwise-page-'))
beforeAll(async () => {
  mkdirSync(join(page, 'assets'))
  writeFileSync(join(page, 'index.html'), '<!doctype html>page')
  writeFileSync(join(page, 'service-worker.js'), 'worker')
  writeFileSync(join(page, '.secret'), 'secret')
  writeFileSync(join(page, 'assets/page-B1x_Yz09.js'), 'script')
  writeFileSync(join(page, 'assets/page-B1x_Yz09.js.br'), brotliCompressSync('script'))
  cloud = await openTestCloud({ pageDirectory: page })
})
afterAll(async () => {
  await cloud.close()
  rmSync(page, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) => cloud.app.inject({ url, headers })

it.each([
  ['/', 200, 'no-cache', '<!doctype html>page'],
  ['/index.html', 200, 'no-cache', '<!doctype html>page'],
  ['/farms/north/houses/h1?tab=air', 200, 'no-cache', '<!doctype html>page'],
  ['/service-worker.js', 200, 'no-cache', 'worker'],
  ['/assets/page-B1x_Yz09.js', 200, 'public, max-age=31536000, immutable', 'script'],
])('serves %s', async (url, status, cache, body) => {
  const answer = await get(url)
  expect([answer.statusCode, answer.headers['cache-control'], answer.body]).toEqual([status, cache, body])
})

it('serves what was packed at build time to those who take it', async () => {
  const answer = await get('/assets/page-B1x_Yz09.js', { 'accept-encoding': 'gzip, br' })
  expect(answer.headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': expect.stringContaining('javascript'),
    'cache-control': 'public, max-age=31536000, immutable',
  })
})

it.each([
  '/assets/gone-12345678.js',
  '/.secret',
  '/%00',
  '/x%5c..%5cy',
  '/..\\cloud.sqlite',
  '/../cloud.sqlite',
  '/%2e%2e/cloud.sqlite',
  '/api',
  '/api/v1/nothing',
  '/api/v1/farms/x',
])('does not pass the page off as %s', async (url) => {
  const answer = await get(url)
  expect(answer.statusCode).toBeGreaterThanOrEqual(400)
  expect(answer.headers['content-type']).toMatch(/problem\+json/)
})

it('lets a browser run nothing but the page’s own scripts', async () => {
  const { headers } = await get('/')
  expect(headers['content-security-policy']).toMatch(/default-src 'self'/)
  expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/)
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' })
})

it('keeps answers of the API out of caches', async () => {
  expect((await get('/api/v1/setup')).headers['cache-control']).toBe('no-store')
})

it.each([
  '//x',
  '/api//x',
  '/api/v1/flocks//entries',
  '/assets/../.secret',
  '/assets/%2e%2e/.secret',
  '/./x',
])('answers %s as what it is: nothing here', async (url) => {
  const answer = await get(url)
  expect([200, 404]).toContain(answer.statusCode)
  expect(answer.body).not.toContain('secret"')
  expect(answer.body).not.toBe('secret')
})
