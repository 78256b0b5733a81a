import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'

export const chromiumPath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path))
/** For `describe.skipIf`: the reason stands in the name of what is skipped. */
export const skipped =
  chromiumPath === undefined
    ? ' (skipped: no chromium on this machine; Debian: apt-get install chromium)'
    : ''

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? 'chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Builds the page as it is into a folder of its own: a test must not judge what was built yesterday. */
export async function buildPage(): Promise<{ folder: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'flockwise-page-'))
  const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))
  const dashboards = fileURLToPath(new URL('../../dashboards', import.meta.url))
  // As people build it: the test runner's own NODE_ENV would make another page.
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', dashboards, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
    {
      env: { ...process.env, NODE_ENV: 'production' },
    },
  )
  return { folder, close: () => rm(folder, { recursive: true, force: true }) }
}

export const screens = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 800 } },
} as const satisfies Record<string, BrowserContextOptions>

export type Setting = { screen: keyof typeof screens; theme: 'light' | 'dark'; language: 'zh' | 'en' }

/** A fresh phone: nothing kept; a service worker only where the test is about it. `troubles` collects what the page complains of. */
export async function openPage(
  browser: Browser,
  { screen, theme, language }: Setting,
  options: BrowserContextOptions = {},
): Promise<{ context: BrowserContext; page: Page; troubles: string[] }> {
  const context = await browser.newContext({
    ...screens[screen],
    colorScheme: theme,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...options,
  })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(String(error)))
  // A resource that cannot be loaded is what offline and error scenarios are about.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      troubles.push(message.text())
  })
  return { context, page, troubles }
}
