import type { Browser, BrowserContext, Page } from 'playwright-core'
import { Value } from 'typebox/value'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NewFarm, NewHouse, NewSession, Setup } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { BookEntry, NewFlock } from '#domain/flock.ts'
import { buildPage, chromiumPath, launchBrowser, openPage, skipped } from './browser.ts'
import { createFixtureFarm, flockId } from './fixture-farm.ts'
import { type Behaviour, type FixtureService, startFixtureService } from './fixture-service.ts'

const farm = 'riverside'
const entriesPath = path(routes.entries, { farm, flock: flockId })

describe.skipIf(!chromiumPath)(`what a thumb does on the phone page${skipped}`, { timeout: 20_000 }, () => {
  let browser: Browser
  let built: Awaited<ReturnType<typeof buildPage>>
  let service: FixtureService
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    ;[built, browser] = await Promise.all([buildPage(), launchBrowser()])
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await built?.close()
  })
  beforeEach(async () => {
    service = await startFixtureService(built.folder, 'normal')
    ;({ context, page } = await openPage(browser, { screen: 'phone', theme: 'light', language: 'en' }))
    page.setDefaultTimeout(6_000)
  })
  afterEach(async () => {
    await context.close()
    await service.close().catch(() => undefined)
  })
  async function visit(hash: string, behaviour: Behaviour = 'normal') {
    service.behave(behaviour)
    await page.goto(service.url + hash)
  }
  const posted = (method = 'POST') =>
    expect.poll(() => service.posts.filter((post) => post.method === method))
  const button = (name: string | RegExp) => page.getByRole('button', { name })

  it('acknowledging an alarm says so, and that recovery closes it', async () => {
    await visit('#/alarms', 'alarm')
    const card = page.locator('.alarm').filter({ hasText: 'Far too hot' })
    await expect
      .poll(() => card.textContent())
      .toMatch(/closes when the house has recovered, not by this tap/)
    await card.getByRole('button', { name: 'I have seen it' }).click()
    const alarm = 'house-2|climate-3|air-hot|1'
    await posted().toEqual([
      { method: 'POST', path: path(routes.acknowledge, { farm, alarm }), body: undefined },
    ])
  })

  it('deaths are written with an id made on the phone, and taken back by an entry that names it', async () => {
    await visit('#/house/house-1/books')
    await button('Died').click()
    await page.getByLabel('Birds', { exact: true }).fill('11')
    await button('More').click()
    await page.getByLabel('Cause').selectOption('heat')
    await button('Save').click()
    await posted().toHaveLength(1)
    const died = service.posts[0]?.body as { id: string }
    expect(service.posts[0]?.path).toBe(entriesPath)
    expect(died).toMatchObject({ kind: 'died', birds: 12, cause: 'heat' })
    expect([...Value.Errors(BookEntry, died)]).toEqual([])
    await button('Undo').click()
    await posted().toHaveLength(2)
    const withdrawn = service.posts[1]?.body
    expect(withdrawn).toMatchObject({ kind: 'withdrawn', replaces: died.id })
    expect([...Value.Errors(BookEntry, withdrawn)]).toEqual([])
  })

  it('trying again after a refusal sends the same id: it counts once', async () => {
    await visit('#/house/house-1/books')
    await button('Feed').click()
    await page.getByLabel('Feed, kg').fill('1200.5')
    service.refuseNext('store-down', 'the disk is full')
    await button('Save').click()
    await page.getByText('cannot store anything now').waitFor()
    await button('Save').click()
    await posted().toHaveLength(2)
    const [first, second] = service.posts.map(({ body }) => body as { id: string; kg: number })
    expect(second).toMatchObject({ id: first?.id, kg: 1200.5 })
  })

  it('what the service finds wrong in the books is said in its own words', async () => {
    await visit('#/house/house-1/books')
    await button('Sold').click()
    await page.getByLabel('Birds', { exact: true }).fill('30000')
    service.refuseNext('books-wrong', 'only 19798 birds are in the house')
    await button('Save').click()
    await page.getByText('only 19798 birds are in the house').waitFor()
  })

  it.each([
    {
      kind: 'Medicine',
      fill: { Product: 'Amoxicillin', 'Days to wait before slaughter': '5' },
      body: { kind: 'medicine', product: 'Amoxicillin', withdrawalDays: 5 },
    },
    { kind: 'Culled', fill: { Birds: '3' }, body: { kind: 'culled', birds: 3 } },
    {
      kind: 'Sold',
      fill: { Birds: '5000', 'Live weight of the load, kg (optional)': '11500' },
      body: { kind: 'sold', birds: 5000, kg: 11_500 },
    },
    {
      kind: 'Moved',
      fill: { Birds: '40' },
      choose: { Direction: 'out' },
      body: { kind: 'moved', birds: -40 },
    },
  ])('$kind is written as the books want it', async ({ kind, fill, choose = {}, body }) => {
    await visit('#/house/house-1/books')
    await button(kind).click()
    for (const [label, text] of Object.entries(fill))
      await page.getByLabel(label, { exact: true }).fill(text as string)
    for (const [label, value] of Object.entries(choose))
      await page.getByLabel(label).selectOption(value as string)
    await button('Save').click()
    await posted().toHaveLength(1)
    expect(service.posts[0]?.body).toMatchObject(body)
    expect([...Value.Errors(BookEntry, service.posts[0]?.body)]).toEqual([])
  })

  it('correcting an entry replaces it by a new one', async () => {
    await visit('#/house/house-1/books')
    await page
      .locator('.entries .row')
      .filter({ hasText: 'Died 7' })
      .getByRole('button', { name: 'Correct' })
      .click()
    await page.getByLabel('Birds', { exact: true }).fill('9')
    await button('Save').click()
    await posted().toHaveLength(1)
    const corrected = createFixtureFarm('normal', Date.now()).entries.find(
      (entry) => entry.kind === 'died' && entry.birds === 7,
    )
    expect(service.posts[0]?.body).toMatchObject({ kind: 'died', birds: 9, replaces: corrected?.id })
  })

  it('a flock is placed with its breed', async () => {
    await visit('#/house/house-1/books')
    await button('Place a new flock').click()
    await page.getByLabel('Birds placed').fill('20500')
    await page.getByLabel('Breed').selectOption('cobb-500-2022')
    await button('Place a flock').click()
    await posted().toHaveLength(1)
    const [flock] = service.posts
    expect(flock).toMatchObject({
      path: path(routes.flocks, { farm }),
      body: { house: 'house-1', breed: 'cobb-500-2022', placed: 20_500 },
    })
    expect([...Value.Errors(NewFlock, flock?.body)]).toEqual([])
  })

  it('log in, and log out again', async () => {
    await visit('', 'logged-out')
    await page.getByLabel('Log-in name').fill('li')
    await page.getByLabel('Password').fill(' a long sentence ')
    service.refuseNext('login-failed', 'no')
    await button('Log in').click()
    await page.getByText('Log-in name or password is wrong').waitFor()
    await page.getByLabel('Log-in name').fill('liwei')
    await button('Log in').click()
    await page.getByText('Both houses are fine').waitFor()
    expect(service.posts.at(-1)?.body).toEqual({ login: 'liwei', password: ' a long sentence ' })
    expect([...Value.Errors(NewSession, service.posts.at(-1)?.body)]).toEqual([])
    await page.getByRole('link', { name: 'More' }).click()
    await button('Log out').click()
    await posted('DELETE').toEqual([{ method: 'DELETE', path: routes.session, body: undefined }])
    await page.getByLabel('Log-in name').waitFor()
  })

  it('the first run makes the owner’s account', async () => {
    await visit('', 'needs-setup')
    await page.getByLabel('Set-up code').fill('WXYZ-1234')
    await page.getByLabel('Your name').fill('李伟')
    await page.getByLabel('Log-in name').fill('liwei')
    await page.getByLabel('Password').fill('ten hens sing')
    await button('Create account').click()
    await posted().toHaveLength(1)
    expect(service.posts[0]).toMatchObject({ path: routes.setup, body: { code: 'WXYZ-1234', name: '李伟' } })
    expect([...Value.Errors(Setup, service.posts[0]?.body)]).toEqual([])
  })

  it('a person without a farm makes one, whatever its name is written in', async () => {
    await visit('', 'no-farm')
    await page.getByLabel('Name of the farm').fill('河畔养殖场')
    await button('Create farm').click()
    await posted().toHaveLength(1)
    expect(service.posts[0]).toMatchObject({
      path: routes.farms,
      body: { name: '河畔养殖场', timeZone: 'Asia/Shanghai' },
    })
    expect([...Value.Errors(NewFarm, service.posts[0]?.body)]).toEqual([])
  })

  it('a house is added, and a box gets its code', async () => {
    await visit('#/add-house')
    await page.getByLabel('Name of the house').fill('House 3')
    await page.getByLabel('Short name').fill('house-3')
    await page.getByLabel('Floor that birds can use').fill('1250.5')
    await button('Add house').click()
    await posted().toHaveLength(1)
    expect(service.posts[0]?.body).toEqual({
      id: 'house-3',
      name: 'House 3',
      timeZone: 'Asia/Shanghai',
      floorM2: 1250.5,
    })
    expect([...Value.Errors(NewHouse, service.posts[0]?.body)]).toEqual([])
    await page.getByText('Both houses are fine').waitFor()
    await page.goto(`${service.url}#/add-edge`)
    await button('Make a code').click()
    await page.getByText('K7QD-M2XP').waitFor()
  })

  it('language and brightness are chosen and stay', async () => {
    await visit('#/more')
    await button('简体中文').click()
    await page.getByRole('heading', { name: '更多' }).waitFor()
    await button('深色').click()
    await page.reload()
    await page.getByRole('heading', { name: '更多' }).waitFor()
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  })
})
