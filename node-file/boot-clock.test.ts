import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openBootClock } from './boot-clock.ts'

it('is one clock for all programs of a machine', () => {
  const file = fileURLToPath(new URL('boot-clock.ts', import.meta.url))
  const script = `const { openBootClock } = await import(${JSON.stringify(file)})
    const { boot, monotonic } = openBootClock()
    console.log(JSON.stringify({ boot, mono: monotonic() }))`
  const own = openBootClock()
  const before = own.monotonic()
  const other = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  )
  if (process.platform === 'linux') expect(other.boot).toBe(own.boot)
  expect(other.mono).toBeGreaterThan(before)
  expect(other.mono).toBeLessThan(own.monotonic())
})

it('counts as a start of its own where the kernel names none', () => {
  const [one, two] = [openBootClock('/nowhere'), openBootClock('/nowhere')]
  expect(one.boot).toMatch(/^[0-9a-f]{16}$/)
  expect(one.boot).not.toBe(two.boot)
})
