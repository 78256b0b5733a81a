import { expect, it } from 'vitest'
import { createRepeat, type Pause } from './repeat.ts'

/** Two loops over one line, with a real clock: waits are short. */
function open() {
  const closing = new AbortController()
  const repeat = createRepeat({
    clock: { now: Date.now, monotonic: () => performance.now() },
    random: () => 0,
    closed: closing.signal,
    onThrown: () => {},
  })
  return { repeat, close: () => closing.abort() }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it('the first that gets through again ends the back-off of the others', async () => {
  const { repeat, close } = open()
  let isUp = false
  const tries: { often: number[]; seldom: number[] } = { often: [], seldom: [] }
  const step = (name: 'often' | 'seldom') => async (): Promise<Pause> => {
    tries[name].push(performance.now())
    return isUp ? 10_000 : { atLeastMs: undefined }
  }
  const began = performance.now()
  const loops = [repeat(step('often'), { longestMs: 200 }), repeat(step('seldom'))]
  // By now the second waits for 4 s and more.
  await pause(3500)
  const before = tries.seldom.length
  isUp = true
  await pause(1300)
  expect(tries.seldom.length).toBe(before + 1)
  expect((tries.seldom.at(-1) ?? 0) - began).toBeLessThan(5000)
  close()
  await Promise.all(loops)
})

it('one that fails alone is not hurried by the others', async () => {
  const { repeat, close } = open()
  let failures = 0
  const loops = [
    repeat(async () => 50),
    repeat(async () => {
      failures++
      return { atLeastMs: undefined }
    }),
  ]
  await pause(2500)
  expect(failures).toBeLessThanOrEqual(2)
  close()
  await Promise.all(loops)
})
