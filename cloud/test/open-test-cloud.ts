import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { InjectOptions } from 'fastify'
import { path, routes } from '#domain/api/routes.ts'
import type { Clock } from '#domain/time.ts'
import { type Cloud, type CloudDeps, createCloud } from '../create-cloud.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { hashPassword } from '../people/password.ts'
import { enrolTestEdge, type TestEdge } from './test-edge.ts'
import type { Answer, TestPerson } from './test-person.ts'

export const START = Date.UTC(2026, 5, 1, 4)
export const PASSWORD = 'correct horse battery'

export type FakeClock = Clock & { advance(ms: number): void; jump(ms: number): void }

/** Moves only when told; `jump` moves the wall alone. */
export function fakeClock(start = START): FakeClock {
  let now = start
  let monotonic = 0
  return {
    now: () => now,
    monotonic: () => monotonic,
    advance(ms) {
      now += ms
      monotonic += ms
    },
    jump(ms) {
      now += ms
    },
  }
}

export type TestCloud = Cloud & {
  clock: FakeClock
  database: string
  setupCode(): string | undefined
  ask(options: InjectOptions): Promise<Answer>
  /** The first person, by way of the set-up. */
  owner(): Promise<TestPerson>
  /** One more, who belongs to no farm. */
  stranger(login: string): Promise<TestPerson>
  /** Makes somebody a member of a farm that is another's. */
  join(login: string, farm: string, role: string): void
  farm(person: TestPerson, id: string, houses: string[]): Promise<void>
  edge(person: TestPerson, farm: string): Promise<TestEdge>
}

/** A whole service on a database of its own, asked without a network. Close it: that removes its files. */
export async function openTestCloud(deps: Partial<CloudDeps> = {}): Promise<TestCloud> {
  const directory = mkdtempSync(join(tmpdir(), 'flockwise-cloud-'))
  const database = join(directory, 'cloud.sqlite')
  const clock = fakeClock()
  let code: string | undefined
  const cloud = await createCloud({
    database,
    clock,
    announce: (announced) => {
      code = announced
    },
    lookEveryMs: 1e9,
    ...deps,
  })

  const ask = async (options: InjectOptions): Promise<Answer> => {
    const { statusCode, headers, payload } = await cloud.app.inject(options)
    const isJson = /json/.test(String(headers['content-type']))
    const body: unknown = isJson ? JSON.parse(payload) : payload
    const answered =
      isJson && typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : ''
    return { status: statusCode, body, headers, code: answered }
  }
  const personWith = (answer: Answer): TestPerson => {
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
    return {
      cookie,
      get: (url) => ask({ method: 'GET', url, headers: { cookie } }),
      post: (url, body) =>
        ask({
          method: 'POST',
          url,
          headers: { cookie },
          ...(body !== undefined && { payload: body as object }),
        }),
    }
  }

  return {
    ...cloud,
    clock,
    database,
    setupCode: () => code,
    ask,
    async owner() {
      const body = { code, login: 'owner', password: PASSWORD, name: 'Li Wei' }
      return personWith(await ask({ method: 'POST', url: routes.setup, payload: body }))
    },
    async stranger(login) {
      const stores = openEmbedded(database)
      const passwordHash = await hashPassword(PASSWORD)
      await stores.registry.people.add({ login, name: login, passwordHash }, { first: false, now: START })
      stores.close()
      return personWith(
        await ask({ method: 'POST', url: routes.session, payload: { login, password: PASSWORD } }),
      )
    },
    join(login, farm, role) {
      const sqlite = new DatabaseSync(database)
      sqlite
        .prepare('INSERT INTO membership (person, farm, role) SELECT id, ?, ? FROM person WHERE login = ?')
        .run(farm, role, login)
      sqlite.close()
    },
    async farm(person, id, houses) {
      await person.post(routes.farms, { id, name: `Farm ${id}`, timeZone: 'Asia/Shanghai' })
      for (const house of houses) {
        await person.post(path(routes.houses, { farm: id }), {
          ...{ id: house, name: `House ${house}`, timeZone: 'Asia/Shanghai' },
        })
      }
    },
    edge: (person, farm) => enrolTestEdge(ask, clock, person, farm),
    async close() {
      await cloud.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
