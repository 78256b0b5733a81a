import { expect, it } from 'vitest'
import { MAX_LINE_CHARS } from './line-pattern.ts'
import { patternMistake } from './pattern-mistake.ts'

it.each([
  '(?<value>-?\\d+)',
  '(?:[A-Za-z]+ ?[:=] *)?(?<value>[-+]?\\d+(?:\\.\\d+)?) *(?<unit>kg|g|lb)?',
  '\\d+,(?<value>-?\\d+)',
  '(?<stable>ST|US)?,? *(?<value>[+-][0-9.]+) *(?<unit>g)',
  'Scale \\[1\\]: (?<value>\\d{1,6}\\.\\d{2})',
])('%s may be used', (pattern) => {
  expect(patternMistake(pattern)).toBeUndefined()
})

it.each([
  ['(?<value>\\d+', 'is no regular expression'],
  ['\\d+', 'has no group (?<value>…)'],
  ['(?<value>\\d+)(?<weight>k)', 'has a group "weight"'],
  ['(?<value>(\\d+)+)', 'repeats a group'],
  ['(?<value>\\d+)(?:a|a){2,9}', 'repeats a group'],
  ['(?<value>\\d+)(a)\\2', 'refers back'],
  ['(?=a)(?<value>\\d+)', 'looks ahead'],
  ['(?<value>\\d*\\d*\\d*\\d+)', 'take the same character, e.g. "0"'],
  ['.*a*[a-z]*(?<value>\\w+)', 'take the same character, e.g. "a"'],
  ['a*b*c*d*e*f*(?<value>\\d+)', 'repeats 7 times'],
  ['a?b?c?d?e?f?g?(?<value>\\d+)', '7 optional parts'],
  ['\\x41(?<value>\\d+)', 'uses an escape'],
  [`${'a'.repeat(190)}(?<value>\\d+)`, 'longer than 200'],
])('%s may not', (pattern, mistake) => {
  expect(patternMistake(pattern)).toContain(mistake)
})

it('what may be used takes no time over the worst line for it', () => {
  const pattern = 'a*a*a*b*b*b*(?<value>\\d)'
  expect(patternMistake(pattern)).toBeUndefined()
  const line = 'a'.repeat(MAX_LINE_CHARS / 2) + 'b'.repeat(MAX_LINE_CHARS / 2)
  // Of the processor, not of the clock: others may be using it.
  const before = process.cpuUsage()
  expect(new RegExp(`^(?:${pattern})$`).exec(line)).toBeNull()
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
})
