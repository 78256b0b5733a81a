/**
 * Draws the PNG icons from public/icon.svg: `node dashboards/build/draw-icons.ts`. Run it when the drawing
 * changes; the pictures are kept with the sources, so that a build needs no browser.
 */
import { readFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const folder = new URL('../public/', import.meta.url)
const svg = await readFile(new URL('icon.svg', folder), 'utf8')
/** Android cuts a maskable icon to any shape: full-bleed ground, the drawing inside the safe circle. */
const maskable = svg
  .replace('rx="15"', '')
  .replace('<path', '<g transform="translate(6.4 6.4) scale(.8)"><path')
  .replace('</svg>', '</g></svg>')

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
for (const [name, size, drawing] of [
  ['icon-192.png', 192, svg],
  ['icon-512.png', 512, svg],
  ['icon-maskable-512.png', 512, maskable],
] as const) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(`<style>*{margin:0}svg{display:block;width:100vw}</style>${drawing}`)
  await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: true })
  await page.close()
}
await browser.close()
