import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChartSeries, EntryView, FlockView, HouseView } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import type { NewFlock } from '#domain/flock.ts'
import { DAY, HOUR } from '#domain/time.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import type { TestPerson } from '../test/test-person.ts'

/** The clock stands at noon of 2026-06-01 in Shanghai. */
let cloud: TestCloud
let owner: TestPerson
beforeAll(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1', 'h2', 'h3', 'h4'])
})
afterAll(() => cloud.close())

const newFlock = (change: Partial<NewFlock> = {}): NewFlock => ({
  ...{
    id: randomUUID(),
    house: 'h1',
    breed: 'ross-308-2022',
    sex: 'as-hatched',
    placedOn: '2026-05-11',
    placed: 10_000,
  },
  ...change,
})
const place = (flock: unknown) => owner.post(path(routes.flocks, { farm: 'north' }), flock)
const entries = (flock: string) => path(routes.entries, { farm: 'north', flock })
const newEntry = (change: object) => ({ id: randomUUID(), day: '2026-05-31', at: START, ...change })
const write = (flock: string, change: object) => owner.post(entries(flock), newEntry(change))
const house = async (id: string) =>
  (await owner.get(path(routes.house, { farm: 'north', house: id }))).body as HouseView

describe('a flock', () => {
  it('has its age by the days of its house, and its targets', async () => {
    const answer = await place(newFlock())
    expect([answer.status, answer.body]).toMatchObject([
      201,
      { ageDays: 21, targetWeightG: 1012, targetTemperatureC: 22.7, balance: { present: 10_000 } },
    ])
    // 16:30 UTC is past midnight in Shanghai.
    cloud.clock.jump(12.5 * HOUR)
    expect((await house('h1')).flock?.ageDays).toBe(22)
    cloud.clock.jump(-12.5 * HOUR)
  })

  it('that comes twice is one; another under its id is refused', async () => {
    const flock = newFlock({ house: 'h2', breed: 'custom' })
    expect((await place(flock)).status).toBe(201)
    const again = await place(flock)
    expect([again.status, again.body]).toMatchObject([200, { id: flock.id, targetWeightG: null }])
    expect((await place({ ...flock, placed: 9 })).code).toBe('already-there')
    const all = (await owner.get(path(routes.flocks, { farm: 'north' }))).body as FlockView[]
    expect(all.filter(({ id }) => id === flock.id)).toHaveLength(1)
  })

  const wrong: [string, object, string, RegExp][] = [
    ['of no house', { house: 'h9' }, 'books-wrong', /no house "h9"/],
    ['of an unknown breed', { breed: 'ostrich' }, 'books-wrong', /ostrich/],
    ['on a day that is none', { placedOn: '2026-02-31' }, 'books-wrong', /2026-02-31 is not a day/],
    ['in the future', { placedOn: '2026-06-03' }, 'books-wrong', /future; today is 2026-06-01/],
    ['of half a bird', { placed: 0.5 }, 'not-valid', /body\/placed must be integer/],
    ['without birds', { placed: 0 }, 'not-valid', /body\/placed/],
    ['with a plain id', { id: '7' }, 'not-valid', /body\/id/],
    ['with something else', { colour: 'white' }, 'not-valid', /colour/],
  ]
  it.each(wrong)('%s is refused in words', async (_, change, code, detail) => {
    const answer = await place({ ...newFlock(), ...change })
    expect([answer.code, (answer.body as { detail: string }).detail]).toEqual([
      code,
      expect.stringMatching(detail),
    ])
  })
})

describe('the books', () => {
  it('add up, and give the head-count of the house and its history', async () => {
    const flock = newFlock({ house: 'h3', placedOn: '2026-05-28', placed: 1000 })
    await place(flock)
    const died = newEntry({ kind: 'died', birds: 40, cause: 'heat', day: '2026-05-29' })
    const written = await owner.post(entries(flock.id), died)
    expect([written.status, written.body]).toEqual([201, { ...died, by: 'Li Wei', receivedAt: START }])
    expect((await owner.post(entries(flock.id), died)).status).toBe(200)
    expect((await write(flock.id, { kind: 'feed', kg: 850.5 })).status).toBe(201)
    expect((await write(flock.id, { kind: 'sold', birds: 100, kg: 80, day: '2026-05-31' })).status).toBe(201)
    const view = await house('h3')
    expect(view.flock?.balance).toEqual({
      placed: 1000,
      died: 40,
      culled: 0,
      moved: 0,
      sold: 100,
      present: 860,
      feedKg: 850.5,
    })
    expect(view.latest).toMatchObject([{ device: 'books', metric: 'bird.count', by: 'books', value: 860 }])

    const correction = { kind: 'died', birds: 4, day: '2026-05-29', replaces: died.id }
    expect((await write(flock.id, correction)).status).toBe(201)
    const query = `?metric=bird.count&from=${START - 5 * DAY}&to=${START}&points=120`
    const chart = (await owner.get(`${path(routes.series, { farm: 'north', house: 'h3' })}${query}`))
      .body as ChartSeries[]
    expect(chart).toMatchObject([{ device: 'books', mean: [1000, 996, 896] }])
    expect((await owner.get(entries(flock.id))).body as EntryView[]).toHaveLength(4)
  })

  it('refuse what cannot be, in words', async () => {
    const flock = newFlock({ house: 'h4', placedOn: '2026-05-28', placed: 100 })
    await place(flock)
    const first = newEntry({ kind: 'died', birds: 60 })
    await owner.post(entries(flock.id), first)
    const detail = async (change: object) => {
      const answer = await write(flock.id, change)
      return `${answer.code}: ${(answer.body as { detail?: string }).detail}`
    }
    expect(await detail({ kind: 'died', birds: 41 })).toBe(
      'books-wrong: the books have 40 birds present; this entry would leave -1',
    )
    expect(await detail({ kind: 'moved', birds: -41 })).toMatch(/would leave -1$/)
    expect(await detail({ kind: 'died', birds: 101, replaces: first.id })).toMatch(
      /have 100 birds present; .* -1$/,
    )
    expect(await detail({ kind: 'died', birds: 1, day: '2026-05-27' })).toMatch(/before 2026-05-28/)
    expect(await detail({ kind: 'died', birds: 1, day: '2026-06-03' })).toMatch(/future/)
    expect(await detail({ kind: 'withdrawn' })).toMatch(/replaces/)
    expect(await detail({ kind: 'withdrawn', replaces: randomUUID() })).toMatch(/not in these books/)
    expect(await detail({ kind: 'died', birds: 1.5 })).toBe('not-valid: body/birds must be integer')
    expect(await detail({ kind: 'dyed', birds: 1 })).toMatch(/not-valid: body/)
    expect(await detail({ kind: 'died', birds: 1, cause: 'boredom' })).toMatch(/body\/cause.*heat/)
    expect(await detail({ kind: 'withdrawn', replaces: first.id })).toBe(': undefined')
    expect(await detail({ kind: 'withdrawn', replaces: first.id })).toMatch(/already put right/)
    expect((await owner.post(entries(flock.id), { ...first, birds: 61 })).code).toBe('already-there')
    expect((await owner.post(entries(randomUUID()), first)).code).toBe('not-found')
    expect((await house('h4')).flock?.balance.present).toBe(100)
  })

  it('never go below zero when two write at once', async () => {
    const flock = newFlock({ house: 'h4', placedOn: '2026-05-29', placed: 10 })
    await place(flock)
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => write(flock.id, { kind: 'culled', birds: 4 })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 422, 422, 422])
  })

  it('empty a house when its last bird is sold', async () => {
    const flock = newFlock({ house: 'h2', placedOn: '2026-05-30', placed: 10 })
    await place(flock)
    expect((await house('h2')).flock?.id).toBe(flock.id)
    await write(flock.id, { kind: 'sold', birds: 10 })
    expect((await house('h2')).flock?.id).not.toBe(flock.id)
  })
})
