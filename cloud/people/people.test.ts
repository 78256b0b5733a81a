import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { routes } from '#domain/api/routes.ts'
import { DAY, MINUTE } from '#domain/time.ts'
import { openTestCloud, PASSWORD, type TestCloud } from '../test/open-test-cloud.ts'
import { hashPassword, isPassword } from './password.ts'

let cloud: TestCloud
beforeEach(async () => {
  cloud = await openTestCloud()
})
afterEach(() => cloud.close())

const logIn = (password: string, login = 'owner', headers: Record<string, string> = {}) =>
  cloud.ask({ method: 'POST', url: routes.session, payload: { login, password }, headers })

describe('first run', () => {
  const setup = (change: object = {}) =>
    cloud.ask({
      method: 'POST',
      url: routes.setup,
      payload: { code: cloud.setupCode(), login: 'owner', password: PASSWORD, name: 'Li Wei', ...change },
    })

  it('announces a code, and takes it once, however it is typed', async () => {
    expect(cloud.setupCode()).toMatch(/^([2-9A-Z]{5}-){2}[2-9A-Z]{5}$/)
    expect((await cloud.ask({ url: routes.setup })).body).toEqual({ needed: true })
    const code = cloud.setupCode()?.toLowerCase().replaceAll('-', ' ')
    const made = await setup({ code })
    expect([made.status, made.body]).toEqual([201, { login: 'owner', name: 'Li Wei', farms: [] }])
    expect((await cloud.ask({ url: routes.setup })).body).toEqual({ needed: false })
    expect((await setup({ login: 'second' })).code).toBe('setup-done')
  })

  it('refuses a wrong code, and a short password by name', async () => {
    expect((await setup({ code: 'AAAAA-AAAAA-AAAAA' })).code).toBe('setup-code-wrong')
    const short = await setup({ password: 'short' })
    expect([short.code, short.body]).toMatchObject(['not-valid', { field: 'body/password' }])
    expect((await cloud.ask({ url: routes.setup })).body).toEqual({ needed: true })
  })

  it('makes one account when two ask at once', async () => {
    const answers = await Promise.all([setup({ login: 'one' }), setup({ login: 'two' })])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  it('cannot be guessed for long', async () => {
    let answer = await setup({ code: 'AAAAA-AAAAA-AAAAA' })
    for (let tries = 1; answer.status === 403 && tries < 100; tries++) {
      answer = await setup({ code: 'AAAAA-AAAAA-AAAAA' })
    }
    expect([answer.status, answer.code, Number(answer.headers['retry-after'])]).toEqual([
      429,
      'too-many',
      900,
    ])
    expect((await setup()).status).toBe(429)
    cloud.clock.advance(15 * MINUTE)
    expect((await setup()).status).toBe(201)
  })
})

describe('a log-in', () => {
  it('lasts 30 days from its last use, by a cookie that scripts cannot read', async () => {
    await cloud.owner()
    const answer = await logIn(PASSWORD, 'OWNER')
    expect(answer.headers['set-cookie']).toMatch(
      /^flockwise=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
    const me = () => cloud.ask({ url: routes.session, headers: { cookie } })
    for (let used = 0; used < 3; used++) {
      cloud.clock.advance(20 * DAY)
      const again = await me()
      expect([again.status, again.headers['set-cookie']]).toMatchObject([
        200,
        expect.stringContaining(cookie),
      ])
    }
    expect((await me()).headers['set-cookie']).toBeUndefined()
    cloud.clock.advance(30 * DAY + 1)
    expect((await me()).code).toBe('not-logged-in')
  })

  it('over TLS, also of a proxy that is trusted, has a cookie for TLS and this host alone', async () => {
    await cloud.close()
    cloud = await openTestCloud({ trustProxy: ['127.0.0.1'] })
    await cloud.owner()
    const answer = await logIn(PASSWORD, 'owner', { 'x-forwarded-proto': 'https' })
    expect(answer.headers['set-cookie']).toMatch(/^__Host-flockwise=.*; HttpOnly; Secure; SameSite=Lax/)
  })

  it('ends when it is ended', async () => {
    const { cookie } = await cloud.owner()
    const ended = await cloud.ask({ method: 'DELETE', url: routes.session, headers: { cookie } })
    expect([ended.status, String(ended.headers['set-cookie'])]).toEqual([
      204,
      expect.stringMatching(/^flockwise=;/),
    ])
    expect((await cloud.ask({ url: routes.session, headers: { cookie } })).code).toBe('not-logged-in')
  })

  it('fails alike for a wrong password and for nobody', async () => {
    await cloud.owner()
    const [wrong, nobody] = [await logIn('wrong password'), await logIn('wrong password', 'nobody')]
    expect(wrong.code).toBe('login-failed')
    expect(wrong.body).toEqual(nobody.body)
  })

  it('is limited by account, counted before it is tried', async () => {
    await cloud.owner()
    const answers = await Promise.all(Array.from({ length: 15 }, () => logIn('wrong password')))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5)
    expect((await logIn(PASSWORD)).code).toBe('too-many')
    cloud.clock.advance(15 * MINUTE)
    expect((await logIn(PASSWORD)).status).toBe(200)
  })

  it('is limited by address, whatever the account', async () => {
    const tries = Array.from({ length: 55 }, (_, index) => logIn('x', `account-${index}`))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([...Array(50).fill(401), ...Array(5).fill(429)])
  }, 30_000)
})

describe('a password', () => {
  it('is kept as argon2id with a salt of its own', async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(one).not.toBe(two)
    expect(await isPassword(PASSWORD, one)).toBe(true)
    expect(await isPassword(`${PASSWORD} `, one)).toBe(false)
    expect(await isPassword('', undefined)).toBe(false)
  })

  it('is the same in any composition of its characters', async () => {
    expect(await isPassword('caf\u00e9 caf\u00e9', await hashPassword('cafe\u0301 cafe\u0301'))).toBe(true)
  })
})
