import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LinkConfig } from '#domain/config.ts'
import { mediaOf } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import { encodeHikvision } from '../framers/hikvision.ts'
import { hideLogIns, readAddress } from './address.ts'
import { connectLine } from './connect-line.ts'
import { createLink, type LinkStatus } from './link.ts'

const clock = { now: Date.now, monotonic: () => performance.now() }
const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
afterEach(async () => {
  for (const end of ends.splice(1).reverse()) await end()
})
const until = (check: () => void, ms = 8000) => vi.waitFor(check, { timeout: ms, interval: 20 })

/** The smallest that is a whole JPEG; `seed` tells one from the other. */
const jpegOf = (seed: number) =>
  Uint8Array.of(
    ...[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 48, 0, 64, 1, 0, 0, 0, 0xff, 0xda, 0, 2, seed, 0xff, 0xd9],
  )

function watch(via: LinkConfig, model = 'camera', everyS = 0.2) {
  const definition = findDevice(model)
  const chunks: Uint8Array[] = []
  const states: LinkStatus[] = []
  const ask = definition && mediaOf(definition)?.ask({ id: 'c', house: 'h1', model, picture: { everyS } })
  const link = createLink({
    connect: connectLine(via, clock, ask),
    clock,
    random: () => 0,
    silentAfterMs: 60_000,
    openWithinMs: 20_000,
    onBytes: (bytes) => chunks.push(bytes),
    onStatus: (status) => states.push(status),
  })
  ends.push(() => link.close())
  return { link, chunks, states, closed: () => states.filter(({ state }) => state === 'closed') }
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** A camera's door with digest log-in, admin and s3cret; a nonce is good for three requests. */
function digestDoor(body: () => Uint8Array) {
  let nonce = 0
  let uses = 0
  const seen: { url: string; answer: 200 | 401 }[] = []
  const door = (request: IncomingMessage, response: ServerResponse) => {
    const said = request.headers.authorization ?? ''
    const value = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(said)?.[1] ?? ''
    const own = md5('admin:IP Camera:s3cret')
    const asked = md5(`GET:${request.url}`)
    const right = md5(`${own}:${value('nonce')}:${value('nc')}:${value('cnonce')}:auth:${asked}`)
    const isCounted = Number.parseInt(value('nc'), 16) === uses + 1
    const isIn = value('response') === right && value('nonce') === `n${nonce}` && isCounted && uses < 3
    seen.push({ url: request.url ?? '', answer: isIn ? 200 : 401 })
    if (isIn) {
      uses++
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(body())
      return
    }
    nonce++
    uses = 0
    const challenge = `Digest qop="auth", realm="IP Camera", nonce="n${nonce}", stale="FALSE"`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  }
  return { door, seen }
}

const hasCurl = spawnSync('curl', ['--version']).status === 0
describe('snapshots', () => {
  it.skipIf(!hasCurl)('the digest door of these tests lets curl in', async () => {
    const { door } = digestDoor(() => jpegOf(1))
    const url = await serve(door)
    const curl = (logIn: string) =>
      new Promise<string>((resolve) => {
        const says = ['-s', '-o', '/dev/null', '-w', '%{http_code}']
        execFile('curl', [...says, '--digest', '-u', logIn, `${url}/picture?x=1`], (_, said) => resolve(said))
      })
    expect(await curl('admin:s3cret')).toBe('200')
    expect(await curl('admin:wrong')).toBe('401')
  })

  it('come one after the other, and a new nonce is taken up', async () => {
    let seed = 0
    const { door, seen } = digestDoor(() => jpegOf(++seed))
    const url = await serve(door)
    const { chunks, link } = watch({ type: 'snapshot', url: `${url.replace('//', '//admin:s3cret@')}/p?x=1` })
    await until(() => expect(chunks.length).toBeGreaterThan(4))
    expect(chunks.slice(0, 5)).toEqual([1, 2, 3, 4, 5].map(jpegOf))
    expect(link.status()).toEqual({ state: 'open', reopened: 0 })
    expect(seen.slice(0, 6).map(({ answer }) => answer)).toEqual([401, 200, 200, 200, 401, 200])
    expect(new Set(seen.map((one) => one.url))).toEqual(new Set(['/p?x=1']))
  })

  it('log in with basic where that is all there is', async () => {
    const url = await serve((request, response) => {
      const right = `Basic ${Buffer.from('admin:s3cret').toString('base64')}`
      if (request.headers.authorization === right) response.end(jpegOf(7))
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end()
    })
    const passwordFile = join(folder, 'basic.password')
    writeFileSync(passwordFile, 's3cret\n')
    const { chunks } = watch({ type: 'snapshot', url, user: 'admin', passwordFile })
    await until(() => expect(chunks[0]).toEqual(jpegOf(7)))
  })

  it('a wrong password is said, without itself, and not tried again and again', async () => {
    const { door, seen } = digestDoor(() => jpegOf(1))
    const url = await serve(door)
    const { closed, link } = watch({ type: 'snapshot', url: url.replace('//', '//admin:hunter2@') })
    await until(() => expect(closed()).toHaveLength(1))
    expect(link.status().error).toBe('the camera refuses user and password')
    await sleep(1500)
    expect(seen).toHaveLength(2)
  })

  it.each([
    ['an error', 'answers with 503', (response: ServerResponse) => response.writeHead(503).end()],
    ['no end', 'more than a picture', (response: ServerResponse) => response.end(Buffer.alloc(9_000_000))],
    [
      'a broken answer',
      'aborted',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': 100 }).write('x')
        setTimeout(() => response.destroy(), 50)
      },
    ],
  ])('a camera that answers with %s is left, and asked again', async (_, reason, answer) => {
    let asked = 0
    const url = await serve((_request, response) => {
      asked++
      if (asked === 1) answer(response)
      else response.end(jpegOf(2))
    })
    const { chunks, states } = watch({ type: 'snapshot', url })
    await until(() => expect(chunks[0]).toEqual(jpegOf(2)))
    expect(states.find(({ state }) => state === 'closed')?.error).toContain(reason)
  })

  it('a Hikvision camera is asked at its own path, behind its digest log-in', async () => {
    const matrix = { width: 4, height: 3, centiC: Int16Array.from({ length: 12 }, (_, at) => 3000 + at) }
    const { door, seen } = digestDoor(() => encodeHikvision(matrix))
    const url = await serve(door)
    const { chunks } = watch(
      { type: 'snapshot', url: url.replace('//', '//admin:s3cret@') },
      'hikvision-thermal',
    )
    await until(() => expect(chunks.length).toBeGreaterThan(0))
    expect(seen[0]?.url).toBe('/ISAPI/Thermal/channels/2/thermometry/jpegPicWithAppendData?format=json')
    const definition = findDevice('hikvision-thermal')
    if (definition?.kind !== 'thermal') expect.unreachable()
    const [event] = definition.createFramer().push(chunks[0] ?? new Uint8Array())
    expect(event).toMatchObject({ kind: 'frame', frame: { size: { width: 4, height: 3 } } })
  })
})

describe('a folder', () => {
  const fresh = (name: string) => {
    const path = join(folder, name)
    mkdirSync(path, { recursive: true })
    return path
  }

  it('gives what is put there, in folders inside it too, and not what lay there before', async () => {
    const path = fresh('uploads')
    writeFileSync(join(path, 'yesterday.jpg'), jpegOf(1))
    const { chunks, link } = watch({ type: 'folder', path })
    await until(() => expect(link.status().state).toBe('open'))
    writeFileSync(join(path, 'a.JPG'), jpegOf(2))
    await until(() => expect(chunks).toEqual([jpegOf(2)]))
    mkdirSync(join(path, '2026', '05'), { recursive: true })
    writeFileSync(join(path, '2026', '05', 'b.jpeg'), jpegOf(3))
    writeFileSync(join(path, '2026', '05', 'b.txt'), 'no picture')
    await until(() => expect(chunks).toEqual([jpegOf(2), jpegOf(3)]))
    expect(existsSync(join(path, 'a.JPG'))).toBe(true)
  })

  it('waits for a picture that is still being written', async () => {
    const path = fresh('slow')
    const { chunks, link } = watch({ type: 'folder', path })
    await until(() => expect(link.status().state).toBe('open'))
    writeFileSync(join(path, 'a.jpg'), jpegOf(4).subarray(0, 12))
    await sleep(2500)
    expect(chunks).toEqual([])
    writeFileSync(join(path, 'a.jpg'), jpegOf(4))
    await until(() => expect(chunks).toEqual([jpegOf(4)]))
  }, 15_000)

  it('takes only the newest of many, and clears away if it is told to', async () => {
    const path = fresh('burst')
    const { chunks, link } = watch({ type: 'folder', path, remove: true })
    await until(() => expect(link.status().state).toBe('open'))
    for (const seed of [1, 2, 3, 4]) {
      writeFileSync(join(path, `${seed}.jpg`), jpegOf(seed))
      await sleep(5)
    }
    await until(() => expect(chunks.at(-1)).toEqual(jpegOf(4)))
    expect(chunks.length).toBeLessThan(4)
    await until(() => {
      for (const seed of [1, 2, 3, 4]) expect(existsSync(join(path, `${seed}.jpg`))).toBe(false)
    })
  })

  it('that is not there is asked for until it is', async () => {
    const path = join(folder, 'later')
    const { chunks, closed, link } = watch({ type: 'folder', path })
    await until(() => expect(closed()[0]?.error).toContain('ENOENT'))
    mkdirSync(path)
    await until(() => expect(link.status().state).toBe('open'))
    writeFileSync(join(path, 'a.jpg'), jpegOf(5))
    await until(() => expect(chunks).toEqual([jpegOf(5)]))
  })
})

describe('an address', () => {
  it('keeps user and password apart, and puts them back for a program that wants them', () => {
    const address = readAddress({ url: 'rtsp://user:p%40ss%2Fword@192.168.1.64:554/ch/101' })
    expect([address.url.href, address.user, address.password]).toEqual([
      'rtsp://192.168.1.64:554/ch/101',
      'user',
      'p@ss/word',
    ])
    expect(address.withLogIn()).toBe('rtsp://user:p%40ss%2Fword@192.168.1.64:554/ch/101')
  })

  it('is never said with its password', () => {
    const { hide } = readAddress({ url: 'rtsp://user:s3cret@cam/x' })
    expect(hide('rtsp://user:s3cret@cam/x: refused s3cret')).toBe('rtsp://***@cam/x: refused ***')
    expect(hideLogIns('cannot open http://a:b@c/d')).toBe('cannot open http://***@c/d')
  })
})
