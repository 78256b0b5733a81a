import { expect, it } from 'vitest'
import { en } from '../i18n/en.ts'
import { zh } from '../i18n/zh.ts'
import { ageText, spanText, staleAfterMs } from './age.ts'

const now = Date.UTC(2026, 4, 1)

it.each([
  [0, 'now', '刚刚'],
  [-90_000, 'now', '刚刚'],
  [999, 'now', '刚刚'],
  [12_400, '12 s ago', '12 秒前'],
  [59_999, '59 s ago', '59 秒前'],
  [60_000, '1 min ago', '1 分钟前'],
  [3_599_999, '59 min ago', '59 分钟前'],
  [3_600_000, '1 h ago', '1 小时前'],
  [47 * 3_600_000, '47 h ago', '47 小时前'],
  [49 * 3_600_000, '2 d ago', '2 天前'],
])('an age of %i ms reads %s', (ms, english, chinese) => {
  expect(ageText(now - ms, now, en)).toBe(english)
  expect(ageText(now - ms, now, zh)).toBe(chinese)
})

it('a time of 0 is never, not 50 years ago', () => {
  expect(ageText(0, now, en)).toBe('never')
})

it.each([
  [45_000, '45 s'],
  [12 * 60_000, '12 min'],
  [3 * 3_600_000, '3 h'],
  [3 * 3_600_000 + 20 * 60_000, '3 h 20 min'],
  [50 * 3_600_000, '2 days'],
])('a span of %i ms reads %s', (ms, text) => {
  expect(spanText(ms, en)).toBe(text)
})

it('weights stay fresh for an hour, air for two minutes', () => {
  expect(staleAfterMs('bird.weight.mean')).toBe(3_600_000)
  expect(staleAfterMs('air.temperature')).toBe(120_000)
  expect(staleAfterMs('no-such-metric')).toBe(120_000)
})
