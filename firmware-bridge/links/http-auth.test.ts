import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { answerChallenge, readChallenge } from './http-auth.ts'

const REALM = 'http-auth@example.org'
const NONCE = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
const OPAQUE = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS'
const digest = (algorithm: string) =>
  `Digest realm="${REALM}", qop="auth, auth-int", algorithm=${algorithm}, nonce="${NONCE}", opaque="${OPAQUE}"`
const mufasa = {
  method: 'GET',
  uri: '/dir/index.html',
  user: 'Mufasa',
  password: 'Circle of Life',
  count: 1,
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}
const answerTo = (...headers: string[]) => {
  const challenge = readChallenge(headers)
  return challenge && answerChallenge(challenge, mufasa)
}

describe('a digest log-in', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('is as RFC 7616 §3.9.1 has it: %s', (algorithm, response) => {
    expect(answerTo(digest(algorithm))).toBe(
      `Digest username="Mufasa", realm="${REALM}", nonce="${NONCE}", uri="/dir/index.html", ` +
        `algorithm=${algorithm}, response="${response}", qop=auth, nc=00000001, ` +
        `cnonce="${mufasa.clientNonce}", opaque="${OPAQUE}"`,
    )
  })

  it('without qop is as RFC 2617 §3.2.2.1 has it: neither counter nor nonce of ours', () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex')
    const right = md5(`${md5('Mufasa:old:Circle of Life')}:n0:${md5('GET:/dir/index.html')}`)
    expect(answerTo('Digest realm="old", nonce="n0"')).toBe(
      `Digest username="Mufasa", realm="old", nonce="n0", uri="/dir/index.html", algorithm=MD5, response="${right}"`,
    )
  })

  it('is taken before basic, SHA-256 before MD5, in one header or in several', () => {
    expect(answerTo('Basic realm="x"', digest('MD5'))).toContain('algorithm=MD5')
    expect(answerTo(`Basic realm="x", ${digest('MD5')}`)).toContain('algorithm=MD5')
    expect(answerTo(`${digest('MD5')}, ${digest('SHA-256')}`)).toContain('algorithm=SHA-256')
  })
})

it('a basic log-in is user and password', () => {
  expect(answerTo('Basic realm="camera"')).toBe(
    `Basic ${Buffer.from('Mufasa:Circle of Life').toString('base64')}`,
  )
})

it.each(['', 'Bearer x', 'Digest realm="x"', `${digest('SHA-512-256')}`, 'Digest nonce="x", qop="auth-int"'])(
  'there is no answer to "%s"',
  (header) => {
    expect(answerTo(header)).toBeUndefined()
  },
)
