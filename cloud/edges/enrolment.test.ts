import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EnrolmentCode } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { HOUR } from '#domain/time.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import type { TestPerson } from '../test/test-person.ts'

let cloud: TestCloud
let owner: TestPerson
beforeEach(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
})
afterEach(() => cloud.close())

const newKey = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x
const newCode = async () =>
  (await owner.post(path(routes.enrolmentCodes, { farm: 'north' }))).body as EnrolmentCode
const enrol = (code: string, publicKey = newKey()) =>
  cloud.ask({ method: 'POST', url: routes.edgeEnrol, payload: { code, publicKey } })

it('gives a code that one box can use once, for an hour', async () => {
  const { code, expiresAt } = await newCode()
  expect([code, expiresAt]).toEqual([
    expect.stringMatching(/^[2-9A-HJKMNP-TW-Z]{5}-[2-9A-HJKMNP-TW-Z]{5}$/),
    START + HOUR,
  ])
  const key = newKey()
  const first = await enrol(code.toLowerCase(), key)
  expect([first.status, first.body]).toEqual([
    201,
    { edge: expect.stringMatching(/^edge-[0-9a-f]{12}$/), farm: 'north' },
  ])
  expect((await enrol(code)).code).toBe('code-wrong')

  // The answer was lost, and the box asks again: the same box, the same answer.
  const again = await enrol(code, key)
  expect([again.status, again.body]).toEqual([200, first.body])
  // A box that is given another code for the same farm stays who it was, with its numbers.
  expect((await enrol((await newCode()).code, key)).body).toEqual(first.body)
})

it('refuses a code that is too old, or made up', async () => {
  const { code } = await newCode()
  cloud.clock.advance(HOUR)
  expect((await enrol(code)).code).toBe('code-wrong')
  expect((await enrol('AAAAA-AAAAA')).code).toBe('code-wrong')
})

it('lets codes be tried only so often', async () => {
  const answers = []
  for (let tries = 0; tries < 31; tries++) answers.push((await enrol('AAAAA-AAAAA')).status)
  expect(answers).toEqual([...Array(30).fill(403), 429])
})

it('refuses a key that is none', async () => {
  const { code } = await newCode()
  expect((await enrol(code, 'short')).code).toBe('not-valid')
})
