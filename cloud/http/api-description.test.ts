import { afterAll, beforeAll, expect, it } from 'vitest'
import { routes } from '#domain/api/routes.ts'
import { openTestCloud, type TestCloud } from '../test/open-test-cloud.ts'

type Operation = {
  responses: Record<string, unknown>
  security: unknown[]
  requestBody?: unknown
  parameters?: unknown[]
}
type Description = { openapi: string; paths: Record<string, Record<string, Operation>> }

let cloud: TestCloud
beforeAll(async () => {
  cloud = await openTestCloud()
})
afterAll(() => cloud.close())

const described = async () => (await cloud.ask({ url: '/api/openapi.json' })).body as Description

it('is OpenAPI 3.1 of every route that the page and the edge know', async () => {
  const { openapi, paths } = await described()
  expect(openapi).toBe('3.1.0')
  const expected = Object.values(routes).map((route) => route.replace(/:(\w+)/g, '{$1}'))
  expect(Object.keys(paths).sort()).toEqual([...expected, '/healthz'].sort())
})

it('gives for each what it takes, what it answers, and who may ask', async () => {
  const { paths } = await described()
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { responses, security, parameters = [], requestBody }] of Object.entries(
      operations,
    )) {
      const at = `${method} ${path}`
      const codes = Object.keys(responses)
      expect([at, codes.some((code) => code.startsWith('2')), codes.includes('4XX')]).toEqual([
        at,
        true,
        true,
      ])
      expect([at, parameters.length >= (path.match(/\{/g) ?? []).length]).toEqual([at, true])
      if (path.includes('/farms')) expect([at, security]).toEqual([at, [{ session: [] }]])
      if (path.startsWith('/api/edge/') && !path.endsWith('/enrol'))
        expect([at, security]).toEqual([at, [{ signature: [] }]])
      if (method === 'post' && !/acknowledge|codes|frame/.test(path))
        expect([at, requestBody]).toEqual([at, expect.anything()])
    }
  }
})

it('can be read in a browser without anything from elsewhere', async () => {
  const page = await cloud.ask({ url: '/api/docs/' })
  expect(page.status).toBe(200)
  expect(page.body).not.toMatch(/(src|href)="https?:/)
  expect(page.headers['content-security-policy']).toMatch(/default-src 'self'/)
})
