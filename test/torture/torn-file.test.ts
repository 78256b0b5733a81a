import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomFrom } from './random.ts'
import { type FileChange, tornFile, withChanges } from './torn-file.ts'

const sector = (letter: string, count = 1) => Buffer.alloc(512 * count, letter)
const letters = (file: Buffer) =>
  Array.from({ length: Math.ceil(file.length / 512) }, (_, i) => String.fromCharCode(file[i * 512] ?? 0))
const outcomes = (content: Buffer, changes: FileChange[]) =>
  new Set(
    Array.from({ length: 200 }, (_, seed) =>
      letters(tornFile(content, changes, 0, randomFrom(seed))).join(''),
    ),
  )

describe('a torn file', () => {
  it('holds of each sector what was synced or what any later write made of it', () => {
    const changes = [
      { at: 0, bytes: sector('b', 2) },
      { at: 512, bytes: sector('c') },
    ]
    expect(outcomes(sector('a', 2), changes)).toEqual(new Set(['aa', 'ab', 'ac', 'ba', 'bb', 'bc']))
  })

  it('is as written when every sector reached the disk', () => {
    const change = fc.oneof(
      fc.record({
        at: fc.integer({ min: 0, max: 3000 }),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 1500 }).map((bytes) => Buffer.from(bytes)),
      }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const content = Buffer.alloc(1000, 'a')
        expect(tornFile(content, changes, 1, randomFrom(1))).toEqual(withChanges(content, changes))
      }),
    )
  })

  it('shows nothing that was written beyond an end that was never cut', () => {
    const changes = [{ size: 512 }, { at: 512, bytes: sector('c') }]
    expect(outcomes(sector('a', 3), changes)).toEqual(new Set(['aaa', 'a', 'ac']))
  })

  it('never brings back what a cut that reached the disk took', () => {
    const changes = [{ at: 512, bytes: sector('b') }, { size: 512 }, { at: 1024, bytes: sector('c') }]
    const after = outcomes(sector('a'), changes)
    expect(after).toContain('a\0c')
    expect(after).not.toContain('abc')
  })
})
