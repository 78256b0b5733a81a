import { describe, expect, it } from 'vitest'
import { type AndFrame, createAndFramer } from './and-ascii.ts'
import type { Framed, Framer } from './framer.ts'
import { createPatternFramer } from './line-pattern.ts'
import { createToledoFramer, encodeToledo } from './mettler-toledo.ts'
import { createXk3190A12Framer } from './xk3190-a12.ts'
import { createXk3190EqualsFramer } from './xk3190-equals.ts'

const text = (line: string) => new TextEncoder().encode(line)
const hex = (bytes: string) => new Uint8Array(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))
const framesOf = <Frame>(framer: Framer<Frame>, bytes: Uint8Array): Frame[] =>
  framer.push(bytes).flatMap((event) => (event.kind === 'frame' ? [event.frame] : []))
const reasons = (events: Framed<unknown>[]) =>
  events.map((event) => (event.kind === 'discarded' ? event.reason : event.kind))

describe('xk3190 formats 1 and 2, from the manuals', () => {
  it.each([
    [1, '=000.3000', { digits: 3000, decimals: 3 }],
    [1, '=00.1000-', { digits: -100, decimals: 2 }],
    [2, '=0003.000', { digits: 3000, decimals: 3 }],
    [2, '=-0001.00', { digits: -100, decimals: 2 }],
    [1, '=06510000', { digits: 1560, decimals: 0 }],
    [2, '=00001560', { digits: 1560, decimals: 0 }],
  ] as const)('format %i %s', (format, line, frame) => {
    expect(framesOf(createXk3190EqualsFramer(format), text(line))).toEqual([frame])
  })

  it('takes neither two points nor a letter', () => {
    for (const line of ['=00.3.000', '=0003.0O0', '=+003.000'])
      expect(reasons(createXk3190EqualsFramer(2).push(text(line)))).toEqual(['noise'])
  })
})

describe('xk3190-a12', () => {
  it.each([
    ['ww000.000lb', { of: 'gross', value: 0, unit: 'lb' }],
    ['wn-0000.1kg', { of: 'net', value: -0.1, unit: 'kg' }],
    ['wt000.000kg', { of: 'tare', value: 0, unit: 'kg' }],
    ['wn0003.17kg', { of: 'net', value: 3.17, unit: 'kg' }],
  ])('%s, with line ends or without', (line, frame) => {
    expect(framesOf(createXk3190A12Framer(), text(line))).toEqual([frame])
    expect(createXk3190A12Framer().push(text(`${line}\r\n${line}\r\n`))).toEqual([
      { kind: 'frame', frame },
      { kind: 'frame', frame },
    ])
  })
})

describe('mettler-toledo', () => {
  const vector = hex('02 2C 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0D 1B')
  const shows = {
    digits: 1234,
    decimals: 2,
    unit: 'kg',
    tare: 0,
    isMoving: false,
    isOutOfRange: false,
    net: false,
  }

  it('reads and writes the documented frame, its checksum 1B', () => {
    const form = { tare: true, checksum: true }
    const frames = framesOf(createToledoFramer(form), vector)
    expect(frames).toEqual([shows])
    expect(encodeToledo(frames[0] ?? expect.unreachable(), form)).toEqual(vector)
  })

  it('without the checksum takes it for a byte of noise, and never waits for it', () => {
    const events = createToledoFramer({ tare: true, checksum: false }).push(vector)
    expect(reasons(events)).toEqual(['frame', 'noise'])
  })

  it('reads a line of seven bits whose eighth is parity', () => {
    const parity = vector.map((byte) =>
      [...byte.toString(2)].filter((bit) => bit === '1').length % 2 ? byte | 0x80 : byte,
    )
    expect(parity).not.toEqual(vector)
    expect(framesOf(createToledoFramer({ tare: true, checksum: true }), parity)).toEqual([shows])
  })

  it.each([
    [0, 123_400],
    [1, 12_340],
    [2, 1234],
    [3, 123.4],
    [5, 1.234],
    [7, 0.012_34],
  ])('point format %i shows %d', (format, shown) => {
    const bytes = vector.slice(0, 17)
    bytes[1] = 0x28 | format
    const [frame] = framesOf(createToledoFramer({ tare: true, checksum: false }), bytes)
    expect((frame?.digits ?? 0) / 10 ** (frame?.decimals ?? 0)).toBeCloseTo(shown, 9)
  })

  it.each([
    ['a unit that is the maker’s own', 3, 0x22],
    ['a gap between digits', 7, 0x20],
    ['no digit at all', 9, 0x20],
  ])('refuses %s', (what, at, byte) => {
    const bytes = vector.slice(0, 17)
    bytes[at] = byte
    if (what === 'no digit at all') bytes.fill(0x20, 4, 10)
    const events = createToledoFramer({ tare: true, checksum: false }).push(bytes)
    expect(reasons(events)).toEqual(['implausible', 'noise'])
  })
})

describe('a&d', () => {
  const weight = (value: number, unit: string, more = {}): AndFrame =>
    ({ kind: 'weight', of: 'gross', value, unit, stable: true, ...more }) as AndFrame

  it.each([
    ['ST,GS,+0012.34kg', weight(12.34, 'kg')],
    ['US,NT,-0000.50kg', weight(-0.5, 'kg', { of: 'net', stable: false })],
    ['ST,TR,+0001.00 t', weight(1, 't', { of: 'tare' })],
    ['ST,+000123.4  g', weight(123.4, 'g')],
    ['ST,+00001234.5  g', weight(1234.5, 'g')],
    ['ST,OK,+0002.500kg', weight(2.5, 'kg')],
    ['OL,GS,+       kg', { kind: 'overload' }],
    ['OL,+9999999E+19', { kind: 'overload' }],
  ])('%s', (line, frame) => {
    expect(createAndFramer().push(text(`${line}\r\n`))).toEqual([{ kind: 'frame', frame }])
  })

  it('counted pieces are no weight', () => {
    expect(reasons(createAndFramer().push(text('QT,+00000123 PC\r\n')))).toEqual(['implausible'])
  })

  it.each(['ST,GS,+00 2.34kg', 'ST,GS,0012.34kg', 'ST,GS,+0012.34', 'ST;GS,+0012.34kg', 'STRONG'])(
    '%s is noise',
    (line) => {
      expect(reasons(createAndFramer().push(text(`${line}\r\n`)))).toEqual(['noise'])
    },
  )
})

describe('a line pattern', () => {
  const read = (pattern: string, ...lines: string[]) =>
    framesOf(createPatternFramer(pattern), text(`\n${lines.join('\n')}\n`))

  it('has groups for value, unit and stability', () => {
    const pattern = '(?<stable>S)?,? *(?<value>-?\\d+\\.?\\d*) *(?<unit>k?g)?'
    expect(read(pattern, 'S, 12.3 kg', '7', '-1.5g')).toEqual([
      { value: 12.3, unit: 'kg', stable: true },
      { value: 7, stable: false },
      { value: -1.5, unit: 'g', stable: false },
    ])
  })

  it('takes one column of several', () => {
    expect(read('\\d+,(?<value>-?\\d+)', '184223,-8388608', '184323,99')).toEqual([
      { value: -8388608 },
      { value: 99 },
    ])
  })

  it('does not take the tail of a line for a line, at the start or after a break', () => {
    const framer = createPatternFramer('(?<value>\\d+)')
    expect(framesOf(framer, text('345\n12345\n'))).toEqual([{ value: 12345 }])
    framer.reset()
    expect(framesOf(framer, text('45\n12345\n'))).toEqual([{ value: 12345 }])
  })

  it('does not take a damaged or overlong line for a shorter one', () => {
    const framer = createPatternFramer('(?<value>\\d+)')
    const damaged = [...text('\n12'), 0xff, ...text('45\n'), ...text(`${'9'.repeat(200)}\n7\n`)]
    expect(framesOf(framer, Uint8Array.from(damaged))).toEqual([{ value: 7 }])
  })
})
