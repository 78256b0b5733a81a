import { expect, it } from 'vitest'
import { takeEarly } from './take-early.ts'

const session = '/api/v1/session'
const overview = '/api/v1/farms/f/overview'

function given(answers: Record<string, string> = { [overview]: 'early overview' }) {
  let now = 0
  const early = {
    session: Promise.resolve(new Response('early session')),
    farm: Promise.resolve(
      new Map(Object.entries(answers).map(([path, text]) => [path, Promise.resolve(new Response(text))])),
    ),
  }
  const fetcher = takeEarly(
    early,
    async (input) => new Response(`asked ${input}`),
    () => now,
  )
  return {
    ask: async (path: string, method = 'GET') => (await fetcher(path, { method })).text(),
    wait(ms: number) {
      now += ms
    },
  }
}

it('each early answer is taken once, then the service is asked', async () => {
  const { ask } = given()
  expect(await ask(session)).toBe('early session')
  expect(await ask(session)).toBe(`asked ${session}`)
  expect(await ask(overview)).toBe('early overview')
  expect(await ask(overview)).toBe(`asked ${overview}`)
})

it('what was not asked early, what changes something, and what is late goes to the service', async () => {
  const { ask, wait } = given()
  expect(await ask('/api/v1/farms/f/health')).toBe('asked /api/v1/farms/f/health')
  expect(await ask(session, 'DELETE')).toBe(`asked ${session}`)
  wait(31_000)
  expect(await ask(overview)).toBe(`asked ${overview}`)
})

it('without early answers everything goes to the service', async () => {
  const fetcher = takeEarly(
    undefined,
    async () => new Response('asked'),
    () => 0,
  )
  expect(await (await fetcher(session, { method: 'GET' })).text()).toBe('asked')
})
