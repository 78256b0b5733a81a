/**
 * The pictures of the README, taken from a service that runs:
 *
 *   node test/browser/screenshots.ts <base address> <log-in> <password> <folder> [picture …]
 *
 * Logs in as a person would and takes what is in sight, nothing below the fold. Without names it takes every
 * picture. Those of an alarm are worth taking while one is open: `npm run demo -- --scenario fan-failure`.
 * Where pngquant is installed it makes the files smaller.
 */
import { execFile } from 'node:child_process'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { chromiumPath, launchBrowser, openPage, type Setting } from './browser.ts'

const views = {
  overview: { hash: () => '#/', ready: '.house-card .age' },
  house: { hash: (house: string) => house, ready: '.thermal canvas' },
  charts: { hash: (house: string) => `${house}/charts`, ready: '.uplot' },
  alarms: { hash: () => '#/alarms', ready: 'main .card' },
} as const

const pictures: readonly (Setting & { view: keyof typeof views })[] = [
  { view: 'overview', screen: 'phone', theme: 'light', language: 'en' },
  { view: 'overview', screen: 'phone', theme: 'light', language: 'zh' },
  { view: 'house', screen: 'phone', theme: 'dark', language: 'zh' },
  { view: 'charts', screen: 'phone', theme: 'light', language: 'en' },
  { view: 'alarms', screen: 'phone', theme: 'light', language: 'en' },
  { view: 'alarms', screen: 'phone', theme: 'light', language: 'zh' },
  { view: 'overview', screen: 'desktop', theme: 'light', language: 'en' },
]
const nameOf = ({ view, screen, theme, language }: (typeof pictures)[number]) =>
  `${view}-${screen}-${theme}-${language}`
/** Sharp enough for a README on a fine screen, at a third of the bytes of the phone's own. */
const SCALE = 1.5
/** Live values, the thermal picture and the charts come one after the other. */
const SETTLE_MS = 3000

const [base, login, password, folder, ...names] = process.argv.slice(2)
if (!base || !login || !password || !folder) {
  console.error(
    'use: node test/browser/screenshots.ts <base address> <log-in> <password> <folder> [picture …]',
  )
  process.exit(2)
}
const unknown = names.filter((name) => !pictures.some((picture) => nameOf(picture) === name))
if (unknown.length > 0) {
  console.error(`no such picture: ${unknown.join(', ')}. There are: ${pictures.map(nameOf).join(', ')}`)
  process.exit(2)
}
if (!chromiumPath) {
  console.error('no chromium on this machine (Debian: apt-get install chromium)')
  process.exit(1)
}

await mkdir(folder, { recursive: true })
const browser = await launchBrowser()
for (const picture of pictures) {
  if (names.length > 0 && !names.includes(nameOf(picture))) continue
  const file = join(folder, `${nameOf(picture)}.png`)
  await shoot(browser, picture, file, { base, login, password })
  await squeeze(file)
  console.log(`${file} ${Math.round((await stat(file)).size / 1000)} kB`)
}
await browser.close()

async function shoot(
  browser: Browser,
  picture: (typeof pictures)[number],
  file: string,
  given: { base: string; login: string; password: string },
): Promise<void> {
  const { context, page } = await openPage(browser, picture, { deviceScaleFactor: SCALE })
  await page.goto(given.base)
  await page.locator('input[name=login]').fill(given.login)
  await page.locator('input[name=password]').fill(given.password)
  await page.locator('button[type=submit]').click()
  // The farm's own order, not the one of the moment.
  await page.locator('.house-card').first().waitFor()
  const links = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.house-card .card-head')].map((head) => head.getAttribute('href'))`,
  )
  const [house = '#/'] = links.sort()
  const { hash, ready } = views[picture.view]
  await page.evaluate(`location.hash = ${JSON.stringify(hash(house))}`)
  await page.locator(ready).first().waitFor()
  await page.waitForTimeout(SETTLE_MS)
  await page.screenshot({ path: file })
  await context.close()
}

async function squeeze(file: string): Promise<void> {
  await promisify(execFile)('pngquant', [
    '--force',
    '--skip-if-larger',
    '--strip',
    '--output',
    file,
    '256',
    file,
  ]).catch(() => undefined)
}
