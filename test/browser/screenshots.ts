/**
 * Pictures of the page of a service that runs, for the README:
 *
 *   node test/browser/screenshots.ts <base address> <log-in> <password> <folder>
 *
 * Logs in as a person would, then takes each view on a phone and on a desktop, in both languages; phones by
 * day, desktops by night. The first house of the farm is the one shown.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { chromiumPath, launchBrowser, openPage, type Setting } from './browser.ts'

const [base, login, password, folder] = process.argv.slice(2)
if (!base || !login || !password || !folder) {
  console.error('use: node test/browser/screenshots.ts <base address> <log-in> <password> <folder>')
  process.exit(2)
}
if (!chromiumPath) {
  console.error('no chromium on this machine (Debian: apt-get install chromium)')
  process.exit(1)
}

const settings: Setting[] = [
  { screen: 'phone', theme: 'light', language: 'en' },
  { screen: 'phone', theme: 'light', language: 'zh' },
  { screen: 'desktop', theme: 'dark', language: 'en' },
  { screen: 'desktop', theme: 'dark', language: 'zh' },
]

await mkdir(folder, { recursive: true })
const browser = await launchBrowser()
for (const setting of settings) await shoot(browser, setting, { base, login, password, folder })
await browser.close()

type Given = { base: string; login: string; password: string; folder: string }

async function shoot(
  browser: Browser,
  setting: Setting,
  { base, login, password, folder }: Given,
): Promise<void> {
  const { context, page } = await openPage(browser, setting, { deviceScaleFactor: 2 })
  await page.goto(base)
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await page.locator('button[type=submit]').click()
  await page.locator('.house-card').first().waitFor()
  const house = (await page.locator('.house-card .card-head').first().getAttribute('href')) ?? '#/'
  const views = [
    ['overview', '#/', '.house-card'],
    ['house', house, '.values'],
    ['charts', `${house}/charts`, '.uplot, .chart-card .quiet'],
    ['books', `${house}/books`, 'main .card, main .empty'],
    ['alarms', '#/alarms', 'main h1'],
    ['devices', '#/health', 'main h1'],
  ] as const
  for (const [name, hash, ready] of views) {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
    await page.locator(ready).first().waitFor()
    // Charts and pictures below the first arrive one after the other.
    await page.waitForTimeout(1500)
    const file = join(folder, `${name}-${setting.screen}-${setting.language}.png`)
    await page.screenshot({ path: file })
    console.log(file)
  }
  await context.close()
}
