import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BatchHeader, decodeBatchHeader, encodeBatchHeader } from './batch-header.ts'
import { ColumnsMistake } from './bytes.ts'

const hex16 = fc.stringMatching(/^[0-9a-f]{16}$/)
const count = fc.nat(1_000_000)
const header = fc
  .record({
    epoch: hex16,
    from: fc.integer({ min: 1, max: 2 ** 52 }),
    span: count,
    clock: fc.option(fc.record({ boot: hex16, offsetMs: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }) })),
    movedByMs: fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 45), max: 2 ** 45 })),
    ...{ thinned: count, damaged: count, aside: count },
    dictionary: fc.option(hex16),
  })
  .map(
    ({ span, clock, dictionary, ...rest }): BatchHeader => ({
      ...rest,
      to: rest.from + span,
      ...(clock && { clock }),
      ...(dictionary && { dictionary }),
    }),
  )

describe('the header of a batch', () => {
  it('comes back as it went in, whatever stands behind it', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 20 }), (given, body) => {
        const bytes = encodeBatchHeader(given)
        const read = decodeBatchHeader(Buffer.concat([bytes, body]))
        expect(read).toEqual({ header: given, length: bytes.length })
      }),
    )
  })

  it('that is cut anywhere is a mistake', () => {
    fc.assert(
      fc.property(header, (given) => {
        const bytes = encodeBatchHeader(given)
        for (let cut = 0; cut < bytes.length; cut++)
          expect(() => decodeBatchHeader(bytes.subarray(0, cut))).toThrow(ColumnsMistake)
      }),
    )
  })

  it('of random bytes is a mistake or a header, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const first of [[], [1]]) {
          try {
            const { header } = decodeBatchHeader(Uint8Array.from([...first, ...bytes]))
            expect(header.from).toBeGreaterThan(0)
            expect(header.to).toBeGreaterThanOrEqual(header.from)
          } catch (error) {
            expect(error).toBeInstanceOf(ColumnsMistake)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  const none = { movedByMs: 0, thinned: 0, damaged: 0, aside: 0 }
  const epoch = '0123456789abcdef'
  const golden: [string, BatchHeader, string][] = [
    [
      'a minute',
      { epoch, from: 41, to: 400, ...none, dictionary: 'fedcba9876543210' },
      `01 02 ${epoch} 29 e702 fedcba9876543210`,
    ],
    [
      'all there is',
      {
        ...{ epoch, from: 1, to: 2, movedByMs: -1, thinned: 1, damaged: 0, aside: 300 },
        ...{ clock: { boot: 'a'.repeat(16), offsetMs: 64 }, dictionary: 'b'.repeat(16) },
      },
      `01 0f ${epoch} 01 01 ${'a'.repeat(16)} 8001 ${'b'.repeat(16)} 01 01 00 ac02`,
    ],
  ]
  it.each(golden)('of %s is these bytes', (_, given, bytes) => {
    expect(Buffer.from(encodeBatchHeader(given)).toString('hex')).toBe(bytes.replaceAll(' ', ''))
  })

  it('cannot be made with an epoch that is none', () => {
    expect(() => encodeBatchHeader({ epoch: 'now', from: 1, to: 1, ...none })).toThrow(/16 hex digits/)
  })
})
