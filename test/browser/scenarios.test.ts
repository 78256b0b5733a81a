import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage, chromiumPath, launchBrowser, openPage, type Setting, skipped } from './browser.ts'
import { type Behaviour, type FixtureService, startFixtureService } from './fixture-service.ts'
import { accessibilityViolations, sidewaysPixels, smallTargets } from './look.ts'

/** What must be read on the page in each state, in both languages. */
type Scenario = {
  name: 'loading' | 'empty' | 'normal' | 'stale' | 'offline' | 'error' | 'alarm'
  behaviour: Behaviour
  reads: Record<Setting['language'], RegExp>
  after?(page: Page, service: FixtureService): Promise<void>
}

const scenarios: Scenario[] = [
  { name: 'loading', behaviour: 'loading', reads: { en: /Connecting/, zh: /正在连接/ } },
  { name: 'empty', behaviour: 'empty', reads: { en: /No houses yet/, zh: /还没有鸡舍/ } },
  { name: 'normal', behaviour: 'normal', reads: { en: /Both houses are fine/, zh: /2 栋鸡舍一切正常/ } },
  { name: 'stale', behaviour: 'stale', reads: { en: /Stale · 12 min ago/, zh: /已过时 · 12 分钟前/ } },
  {
    name: 'offline',
    behaviour: 'normal',
    reads: {
      en: /Not connected\. Showing what was known at \d\d:\d\d/,
      zh: /未连接。当前显示的是 \d\d:\d\d/,
    },
    async after(page, service) {
      await page.locator('.house-card').first().waitFor()
      await service.cut()
    },
  },
  { name: 'error', behaviour: 'error', reads: { en: /cannot store anything now/, zh: /暂时无法保存数据/ } },
  {
    name: 'alarm',
    behaviour: 'alarm',
    reads: { en: /1 of 2 houses needs you/, zh: /1\/2 栋鸡舍需要处理/ },
  },
]

/** Each state twice, in opposite settings, turning from state to state: every pair of settings occurs. */
const settings: readonly [Setting, Setting][] = [
  [
    { screen: 'phone', theme: 'light', language: 'zh' },
    { screen: 'desktop', theme: 'dark', language: 'en' },
  ],
  [
    { screen: 'phone', theme: 'dark', language: 'zh' },
    { screen: 'desktop', theme: 'light', language: 'en' },
  ],
  [
    { screen: 'phone', theme: 'light', language: 'en' },
    { screen: 'desktop', theme: 'dark', language: 'zh' },
  ],
  [
    { screen: 'phone', theme: 'dark', language: 'en' },
    { screen: 'desktop', theme: 'light', language: 'zh' },
  ],
]
const named = ({ screen, theme, language }: Setting) => `${screen}, ${theme}, ${language}`
const cases = scenarios.flatMap((scenario, index) =>
  (settings[index % settings.length] ?? []).map((setting) => ({
    ...scenario,
    setting,
    title: `${scenario.name}: ${named(setting)}`,
  })),
)

const views: { view: string; behaviour: Behaviour; hash: string; ready: string }[] = [
  { view: 'house', behaviour: 'alarm', hash: '#/house/house-1', ready: '.thermal canvas' },
  { view: 'charts', behaviour: 'normal', hash: '#/house/house-1/charts', ready: '.uplot' },
  { view: 'books', behaviour: 'normal', hash: '#/house/house-1/books', ready: '.entries .row' },
  { view: 'alarms', behaviour: 'alarm', hash: '#/alarms', ready: '.alarm' },
  { view: 'devices', behaviour: 'alarm', hash: '#/health', ready: '.device' },
  { view: 'ledger', behaviour: 'normal', hash: '#/ledger', ready: '.verdict.good' },
  { view: 'ledger with a loss', behaviour: 'alarm', hash: '#/ledger', ready: '.verdict.bad' },
  { view: 'more', behaviour: 'normal', hash: '#/more', ready: '.segments' },
  { view: 'add house', behaviour: 'normal', hash: '#/add-house', ready: 'form' },
  { view: 'connect a box', behaviour: 'normal', hash: '#/add-edge', ready: '.card .button' },
  { view: 'log in', behaviour: 'logged-out', hash: '', ready: 'form' },
  { view: 'set up', behaviour: 'needs-setup', hash: '', ready: 'input[name=code]' },
]
const viewCases = views.map((view, index) => {
  const setting = settings[index % settings.length]?.[index % 2] ?? {
    screen: 'phone',
    theme: 'light',
    language: 'en',
  }
  return { ...view, setting, title: `${view.view}: ${named(setting)}` }
})

describe.skipIf(!chromiumPath)(`the phone page in a real browser${skipped}`, () => {
  let browser: Browser
  let built: Awaited<ReturnType<typeof buildPage>>
  beforeAll(async () => {
    ;[built, browser] = await Promise.all([buildPage(), launchBrowser()])
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await built?.close()
  })

  async function visit(
    behaviour: Behaviour,
    hash: string,
    setting: Setting,
    act: (page: Page, service: FixtureService) => Promise<void>,
  ) {
    const service = await startFixtureService(built.folder, behaviour)
    const { context, page, troubles } = await openPage(browser, setting)
    try {
      await page.goto(service.url + hash)
      await act(page, service)
      expect(await sidewaysPixels(page)).toBe(0)
      expect(await smallTargets(page)).toEqual([])
      expect(await accessibilityViolations(page)).toEqual([])
      expect(troubles).toEqual([])
    } finally {
      await context.close()
      await service.close().catch(() => undefined)
    }
  }

  it.each(cases)('$title', { timeout: 20_000 }, async ({ behaviour, reads, after, setting }) => {
    await visit(behaviour, '', setting, async (page, service) => {
      await after?.(page, service)
      await page.getByText(reads[setting.language]).first().waitFor()
    })
  })

  it.each(viewCases)('$title', { timeout: 20_000 }, async ({ behaviour, hash, ready, setting }) => {
    await visit(behaviour, hash, setting, async (page) => {
      await page.locator(ready).first().waitFor()
    })
  })

  describe('on a screen of 360 px', () => {
    let narrow: Awaited<ReturnType<typeof openPage>>
    let service: FixtureService
    beforeAll(async () => {
      service = await startFixtureService(built.folder, 'alarm')
      narrow = await openPage(browser, { screen: 'phone', theme: 'light', language: 'en' })
      await narrow.page.setViewportSize({ width: 360, height: 740 })
    })
    afterAll(async () => {
      await narrow?.context.close()
      await service?.close()
    })

    it.each([
      ['#/', '.house-card'],
      ['#/house/house-1', '.thermal'],
      ['#/house/house-1/charts', '.uplot'],
      ['#/house/house-1/books', '.entries .row'],
      ['#/alarms', '.alarm'],
      ['#/health', '.device'],
      ['#/ledger', '.verdict'],
      ['#/more', '.link-row'],
      ['#/add-house', 'form'],
    ])(
      '%s: nothing is pushed off it or cut off, with plain and with doubled text',
      { timeout: 20_000 },
      async (hash, ready) => {
        const { page } = narrow
        await page.goto(service.url + hash)
        await page.locator(ready).first().waitFor()
        for (const size of ['100%', '200%']) {
          await page.evaluate(`document.documentElement.style.fontSize = '${size}'`)
          expect([size, await sidewaysPixels(page), await page.evaluate<string[]>(cutOffText)]).toEqual([
            size,
            0,
            [],
          ])
        }
        await page.evaluate(`document.documentElement.style.fontSize = ''`)
      },
    )
  })
})

/** Elements whose text is wider than their box and hidden by it. */
const cutOffText = `
  [...document.querySelectorAll('main *, nav *')]
    .filter((element) => !element.closest('.unseen') && getComputedStyle(element).overflowX === 'hidden')
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))
`
