import { describe, expect, it } from 'vitest'
import { textProblems } from './texts.ts'

describe('texts in both languages', () => {
  it('pass when they match', () =>
    expect(
      textProblems(
        { age: 'day {count}', locale: 'en', unit: { co2: 'CO₂ {value} ppm' }, many: (n: number) => `${n}` },
        {
          age: '{count} 日龄',
          locale: 'zh-CN',
          unit: { co2: 'CO₂ {value} ppm' },
          many: (n: number) => `${n}`,
        },
      ),
    ).toEqual([]))

  it.each([
    ['a missing one', { a: 'hen' }, {}, 'a: only in en'],
    ['an extra one', {}, { a: '鸡' }, 'a: only in zh'],
    ['an empty one', { a: 'hen' }, { a: ' ' }, 'a: empty in zh'],
    ['a lost placeholder', { a: '{n} hens' }, { a: '鸡' }, 'a: placeholders differ: en {n}, zh none'],
    ['English in Chinese', { a: 'hen' }, { a: 'hens' }, 'a: zh is not Chinese: hens'],
    ['one in a group', { a: { b: 'hen' } }, { a: { b: 'hens' } }, 'a.b: zh is not Chinese: hens'],
    ['Chinese in English', { a: '鸡' }, { a: '鸡' }, 'a: en is not English: 鸡'],
  ])('name %s', (_what, en, zh, problem) => expect(textProblems(en, zh)).toContain(problem))
})
