import { generateKeyPairSync } from 'node:crypto'
import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { path, routes } from '#domain/api/routes.ts'
import { MINUTE } from '#domain/time.ts'
import { openTestCloud, PASSWORD } from './test/open-test-cloud.ts'
import { readingsBatch, temperature } from './test/test-edge.ts'

it('says that it is well as long as its database is', async () => {
  const cloud = await openTestCloud()
  expect((await cloud.ask({ url: '/healthz' })).body).toEqual({ status: 'ok' })
  await cloud.close()
})

it('slows down an address that asks too much, but not its neighbours', async () => {
  const cloud = await openTestCloud({ limits: { people: 20 } })
  const ask = (remoteAddress: string) => cloud.ask({ url: '/api/v1/nothing', remoteAddress })
  const statuses = []
  for (let asked = 0; asked < 25; asked++) statuses.push((await ask('10.0.0.1')).status)
  expect(statuses).toEqual([...Array(20).fill(404), ...Array(5).fill(429)])
  const refused = await ask('10.0.0.1')
  expect([refused.code, Number(refused.headers['retry-after'])]).toEqual(['too-many', expect.closeTo(60, -1)])
  expect((await ask('10.0.0.2')).status).toBe(404)
  await cloud.close()
})

it('writes no secret and no person into its log', async () => {
  let log = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const cloud = await openTestCloud({ log: { level: 'trace', stream }, maxDatabaseBytes: 900_000 })
  const code = cloud.setupCode() ?? ''
  const owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
  const edge = await cloud.edge(owner, 'north')
  await cloud.ask({
    method: 'POST',
    url: routes.session,
    payload: { login: 'owner', password: 'wrong password' },
  })
  const enrolment = (await owner.post(path(routes.enrolmentCodes, { farm: 'north' }))).body as {
    code: string
  }
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x
  await cloud.ask({ method: 'POST', url: routes.edgeEnrol, payload: { code: enrolment.code, publicKey } })
  // Until the store is full: that is logged, as an error.
  const many = Array.from({ length: 40_000 }, (_, index) =>
    temperature(cloud.clock.now() - 5 * MINUTE * index, 20),
  )
  expect((await edge.post(routes.edgeBatches, readingsBatch(1, many))).code).toBe('store-down')
  await cloud.close()
  expect(log).toMatch(/database or disk is full/)
  for (const secret of [
    PASSWORD,
    'wrong password',
    code,
    owner.cookie.split('=')[1] ?? code,
    enrolment.code,
  ]) {
    expect(log).not.toContain(secret)
  }
  expect(log).not.toMatch(/owner|Li Wei|127\.0\.0\.1/)
})
