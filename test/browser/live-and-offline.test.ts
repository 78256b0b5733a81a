import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPage, chromiumPath, launchBrowser, openPage, skipped } from './browser.ts'
import { createFixtureFarm } from './fixture-farm.ts'
import { type FixtureService, startFixtureService } from './fixture-service.ts'

describe.skipIf(!chromiumPath)(
  `the phone page, live and without a net${skipped}`,
  { timeout: 25_000 },
  () => {
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
      ;({ context, page } = await openPage(
        browser,
        { screen: 'phone', theme: 'light', language: 'en' },
        { serviceWorkers: 'allow' },
      ))
      page.setDefaultTimeout(10_000)
      await page.goto(service.url)
      await page.getByText('Both houses are fine').waitFor()
    })
    afterEach(async () => {
      await context.close()
      await service.close().catch(() => undefined)
    })
    const card = (name: string) => page.locator('.house-card').filter({ hasText: name })

    it('a value is on the page as soon as the stream brings it', async () => {
      await expect.poll(() => service.streams()).toBe(1)
      const value = {
        device: 'climate-1',
        metric: 'air.temperature',
        by: '',
        t: Date.now(),
        value: 31.7,
        quality: 'good',
      } as const
      service.push({ kind: 'values', house: 'house-1', values: [value] })
      await card('House 1').getByText('31.7', { exact: true }).waitFor({ timeout: 1000 })
      await card('House 1').getByText('2 sensors: 24.8 to 31.7').waitFor()
      await card('House 1').getByText('7.7 °C above target').waitFor()
    })

    it('an alarm turns the page round: its house comes first', async () => {
      await expect.poll(() => service.streams()).toBe(1)
      expect(await page.locator('.house-card h2').first().textContent()).toBe('House 1')
      const [alarm] = createFixtureFarm('alarm', Date.now()).alarms
      if (!alarm) throw new Error('the fixture has no alarm')
      service.push({ kind: 'alarm', alarm })
      await page.getByText('1 of 2 houses needs you').waitFor({ timeout: 1000 })
      expect(await page.locator('.house-card h2').first().textContent()).toBe('二号鸡舍')
      await card('二号鸡舍').getByText('Danger: Far too hot').waitFor()
    })

    it('while a house is open, the stream asks for its picture', async () => {
      await page.goto(`${service.url}#/house/house-1`)
      await expect.poll(() => service.watched()).toEqual(['house-1'])
      const [frame] = createFixtureFarm('normal', Date.now()).thermal
      if (!frame) throw new Error('the fixture has no picture')
      service.push({
        kind: 'thermal',
        house: 'house-1',
        frame: { ...frame, centiC: frame.centiC.map((value) => value + 500) },
      })
      await page.getByText('Hottest 44.').waitFor()
    })

    it('a cut line is said, and mended by itself', async () => {
      await service.cut()
      await page.getByText(/Not connected\. Showing what was known at \d\d:\d\d \(/).waitFor()
      await service.restore()
      await page.getByText(/Not connected\. Showing/).waitFor({ state: 'detached' })
      await expect.poll(() => service.streams(), { timeout: 10_000 }).toBe(1)
    })

    it('opened again without a net it shows the last state with its age, and never as live', async () => {
      await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
      await service.cut()
      await context.setOffline(true)
      await page.reload()
      await page.getByText(/Not connected\. Showing what was known at \d\d:\d\d \(\d+ s ago\)/).waitFor()
      await card('House 1').getByText('19,798').waitFor()
      expect(await page.locator('.link').textContent()).toBe('Not connected')
      // What was never opened is not there, and the page says so.
      await page.goto(`${service.url}#/house/house-1/books`)
      await page.getByText('nothing is kept on this phone').waitFor()
      // Other parts of the shell are.
      await page.getByRole('link', { name: 'More' }).click()
      await page.getByRole('button', { name: '简体中文' }).click()
      await page.getByText('未连接。当前显示的是').waitFor()
    })

    it('an entry that cannot be sent stays in its form and says so', async () => {
      await page.goto(`${service.url}#/house/house-1/books`)
      await page.getByRole('button', { name: 'Died' }).click()
      await page.getByLabel('Birds', { exact: true }).fill('8')
      await service.cut()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('No connection. Nothing was changed').waitFor()
      expect(await page.getByLabel('Birds', { exact: true }).inputValue()).toBe('8')
    })

    it('a phone whose clock is wrong shows right ages', async () => {
      const { context: other, page: wrong } = await openPage(browser, {
        screen: 'phone',
        theme: 'light',
        language: 'en',
      })
      await wrong.clock.install({ time: Date.now() - 3 * 3_600_000 })
      await wrong.goto(service.url)
      await wrong
        .locator('.house-card')
        .first()
        .getByText(/^[4-9] s ago$/)
        .first()
        .waitFor()
      await other.close()
    })

    it('the first view weighs no more than 60 kB', async () => {
      const { context: other, page: empty } = await openPage(browser, {
        screen: 'phone',
        theme: 'light',
        language: 'zh',
      })
      const loaded: string[] = []
      empty.on('requestfinished', (request) => loaded.push(new URL(request.url()).pathname))
      await empty.goto(service.url)
      await empty.getByText('2 栋鸡舍一切正常').waitFor()
      const bytes = await service.compressedBytes(loaded)
      expect(bytes).toBeGreaterThan(10_000)
      expect(bytes).toBeLessThan(60_000)
      await other.close()
    })
  },
)
