import { describe, expect, it } from 'vitest'
import { type AndFrame, createAndFramer, encodeAnd } from './and-ascii.ts'
import type { DiscardReason, Framer } from './framer.ts'
import { createGyMcu90640Framer, encodeGyMcu90640 } from './gy-mcu90640.ts'
import { createPatternFramer } from './line-pattern.ts'
import { createToledoFramer, encodeToledo, type ToledoForm } from './mettler-toledo.ts'
import { createMlx90640RawFramer, encodeMlx90640Raw, type Mlx90640RawFrame } from './mlx90640-raw.ts'
import type { Answered, ModbusRequest } from './modbus-pdu.ts'
import { createAnswerFramer, createRequestFramer, encodeAnswer, encodeRequest } from './modbus-rtu.ts'
import { createXk3190Framer, encodeXk3190 } from './xk3190.ts'
import { createXk3190A12Framer, encodeXk3190A12 } from './xk3190-a12.ts'
import { createXk3190EqualsFramer, encodeXk3190Equals } from './xk3190-equals.ts'

/** One protocol: how it is read, and some different frames as they stand on the line. */
type Protocol = {
  name: string
  create(): Framer<unknown>
  frames: unknown[]
  bytes: Uint8Array[]
  /** Without one, noise that comes close enough is read. */
  hasChecksum: boolean
  /** Bytes that belong to no frame; lines of text are only left alone by garbage that ends its own line. */
  garbage: Uint8Array
  /** What a framer must have heard before it trusts the line. */
  lead: Uint8Array
}

const protocol = <Frame>(
  name: string,
  create: () => Framer<Frame>,
  frames: Frame[],
  encode: (frame: Frame) => Uint8Array,
  special: Partial<Protocol> = {},
): Protocol => ({
  name,
  create,
  frames,
  bytes: frames.map(encode),
  hasChecksum: true,
  garbage: Uint8Array.of(0xff, 0xfe, 0x00, 0xff),
  lead: new Uint8Array(0),
  ...special,
})
const unchecked = { hasChecksum: false }

const loads = [0, 1560, -27, 999_999, 5].map((digits, decimals) => ({ digits, decimals }))
const pictures = [0, 1, 2, 3].map((seed) => ({
  ambientCentiC: 2500 + seed,
  centiC: Int16Array.from({ length: 768 }, (_, pixel) => 2000 + seed * 100 + (pixel % 700)),
}))
const rawFrames = (['eeprom', 'ram', 'ram'] as const).map((of, seed) => ({
  of,
  words: Uint16Array.from({ length: of === 'ram' ? 834 : 832 }, (_, index) => (index * 37 + seed) & 0xffff),
}))
const requests: ModbusRequest[] = [
  { unit: 1, fc: 3, address: 0, count: 8 },
  { unit: 17, fc: 1, address: 0, count: 8 },
  { unit: 250, fc: 4, address: 700, count: 2 },
  { unit: 2, fc: 5, address: 1, on: true },
  { unit: 2, fc: 5, address: 1, on: false },
]
const asked: ModbusRequest = { unit: 1, fc: 3, address: 0, count: 4 }
const answers = [1, 2, 3, 4, 5].map((seed) => ({
  request: asked,
  answer: { kind: 'values' as const, values: [seed, 0x7fff, seed * 1000, 0xffff - seed] },
}))

const forms: [string, ToledoForm][] = [
  ['toledo', { tare: true, checksum: false }],
  ['toledo-checksum', { tare: true, checksum: true }],
  ['toledo-short', { tare: false, checksum: false }],
  ['toledo-short-checksum', { tare: false, checksum: true }],
]
const toledoLoads = [0, 1234, -27, 999_999, -5].map((digits, index) => ({
  digits,
  decimals: index - 1,
  unit: (['kg', 'lb', 'g'] as const)[index % 3] ?? 'kg',
  net: index % 2 === 1,
  isMoving: index > 2,
  isOutOfRange: index === 3,
}))
const a12Loads = [0, 3.17, -0.1, 999.999, 12.5].map((value, index) => ({
  of: (['gross', 'net', 'tare'] as const)[index % 3] ?? 'gross',
  value,
  unit: (['kg', 'lb'] as const)[index % 2] ?? 'kg',
}))
const andLoads: AndFrame[] = [0, 12.34, -0.5, 999.999].map((value, index) => ({
  kind: 'weight',
  of: (['gross', 'net', 'tare'] as const)[index % 3] ?? 'gross',
  value,
  unit: (['kg', 'g', 't', 'lb'] as const)[index] ?? 'kg',
  stable: index % 2 === 0,
}))
const lines = [0, 12.3, -4, 999_999, 7].map((value) => ({ value, unit: 'g' }))

const protocols: Protocol[] = [
  protocol(
    'xk3190-f1',
    () => createXk3190EqualsFramer(1),
    loads,
    (frame) => encodeXk3190Equals(frame, 1),
    unchecked,
  ),
  protocol(
    'xk3190-f2',
    () => createXk3190EqualsFramer(2),
    loads,
    (frame) => encodeXk3190Equals(frame, 2),
    unchecked,
  ),
  protocol('xk3190-a12', createXk3190A12Framer, a12Loads, encodeXk3190A12, unchecked),
  ...forms.map(([name, form]) =>
    protocol(
      name,
      () => createToledoFramer(form),
      toledoLoads.map((load, index) => ({ ...load, tare: form.tare ? index * 111 : 0 })),
      (frame) => encodeToledo(frame, form),
      { hasChecksum: form.checksum },
    ),
  ),
  protocol('and', createAndFramer, [...andLoads, { kind: 'overload' }], encodeAnd, unchecked),
  protocol(
    'line pattern',
    () => createPatternFramer('weight: (?<value>-?\\d+(?:\\.\\d+)?) (?<unit>k?g)'),
    lines,
    ({ value, unit }) => new TextEncoder().encode(`weight: ${value} ${unit}\r\n`),
    { ...unchecked, garbage: Uint8Array.of(0xff, 0xfe, 0x00, 0x0a), lead: Uint8Array.of(0x0a) },
  ),
  protocol('xk3190', createXk3190Framer, loads, (frame) => encodeXk3190(frame)),
  protocol('xk3190 clone', createXk3190Framer, loads, (frame) => encodeXk3190(frame, 'clone')),
  protocol('gy-mcu90640', createGyMcu90640Framer, pictures, encodeGyMcu90640),
  protocol('mlx90640-raw', createMlx90640RawFramer, rawFrames, encodeMlx90640Raw),
  protocol('modbus requests', createRequestFramer, requests, encodeRequest),
  protocol(
    'modbus answers',
    () => createAnswerFramer([asked]),
    answers,
    ({ request, answer }) => encodeAnswer(request, answer),
  ),
]

/** Small and seeded, so that a failure can be seen again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks))
}

function framesOf(framer: Framer<unknown>, ...chunks: Uint8Array[]): unknown[] {
  return chunks
    .flatMap((chunk) => framer.push(chunk))
    .flatMap((event) => (event.kind === 'frame' ? [event.frame] : []))
}

describe.each(protocols)('$name', ({ create: createBare, frames, bytes, garbage, lead }) => {
  const line = joined(bytes)
  const create = () => {
    const framer = createBare()
    framer.push(lead)
    return framer
  }

  it('reads what was written, wherever the stream is cut in two', () => {
    for (let cut = 0; cut <= line.length; cut++) {
      const read = framesOf(create(), line.subarray(0, cut), line.subarray(cut))
      if (keyOf(read) !== keyOf(frames)) expect.fail(`cut before byte ${cut}: ${read.length} frames`)
    }
  }, 20_000)

  it('reads it byte by byte, and from a buffer that is filled again', () => {
    const framer = create()
    const buffer = new Uint8Array(1)
    const read = [...line].flatMap((byte) => {
      buffer[0] = byte
      return framesOf(framer, buffer)
    })
    expect(read).toEqual(frames)
  })

  it('loses at most the frame that a damaged byte is in', () => {
    const random = randomFrom(1)
    const owner = bytes.flatMap((frame, index) => new Array<number>(frame.length).fill(index))
    const sent = frames.map(keyOf)
    for (let at = 0; at < line.length; at++) {
      const damaged = line.slice()
      damaged[at] = (damaged[at] as number) ^ (1 + Math.floor(random() * 255))
      const read = framesOf(create(), damaged).map(keyOf)
      // A line of text has only its line end to begin after: damaged, that is the next line's loss too.
      const touched = [owner[at], lead.length > 0 ? owner[at + 1] : undefined]
      const whole = sent.filter((_, index) => !touched.includes(index))
      // In their order, with at most the damaged one between them.
      if (read.filter((key) => whole.includes(key)).join() !== whole.join() || read.length > sent.length) {
        expect.fail(`byte ${at}: ${read.length} of ${sent.length} frames`)
      }
    }
  }, 20_000)

  it('finds the frames between garbage and counts the rest', () => {
    const framer = create()
    const events = framer.push(joined([garbage, ...bytes.flatMap((frame) => [frame, garbage])]))
    events.push(...framer.reset())
    expect(events.filter(({ kind }) => kind === 'frame').length).toBe(frames.length)
    const noise = events.reduce((sum, event) => sum + (event.kind === 'discarded' ? event.count : 0), 0)
    expect(noise).toBe(garbage.length * (frames.length + 1))
  })

  it('counts a frame that silence cut off', () => {
    const framer = create()
    framer.push(line.subarray(0, 3))
    expect(framer.reset()).toEqual([{ kind: 'discarded', reason: 'truncated', count: 1 }])
    expect(framer.reset()).toEqual([])
    expect(framesOf(framer, lead, line)).toEqual(frames)
  })
})

/** Random bytes, and among them frames in which a few bytes are another frame's: noise that comes close. */
function noise(own: readonly Uint8Array[], length: number, seed: number): Uint8Array {
  const random = randomFrom(seed)
  const pick = (from: Uint8Array) => from[Math.floor(random() * from.length)] as number
  const alphabet = joined(own)
  const line = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const frame = own[Math.floor(random() * own.length)]?.slice() ?? new Uint8Array(1)
    if (random() < 0.5)
      for (let index = 0; index < frame.length; index++) frame[index] = Math.floor(random() * 256)
    else
      for (let times = 1 + Math.floor(random() * 3); times > 0; times--)
        frame[Math.floor(random() * frame.length)] = pick(alphabet)
    const piece = frame.subarray(0, Math.min(frame.length, length - at))
    line.set(piece, at)
    at += piece.length
  }
  return line
}

describe('a million bytes of noise', { timeout: 30_000 }, () => {
  it.each(protocols.filter(({ name, hasChecksum }) => hasChecksum && !name.includes('mcu90640')))(
    '$name: no frame with a wrong checksum',
    ({ name, create, bytes }) => {
      const line = noise(bytes, 1_000_000, 7)
      const random = randomFrom(11)
      const framer = create()
      const counts: Partial<Record<DiscardReason, number>> = {}
      const read = new Map<string, unknown>()
      for (let at = 0; at < line.length; ) {
        const chunk = line.subarray(at, at + 1 + Math.floor(random() * 500))
        at += chunk.length
        for (const event of framer.push(chunk)) {
          if (event.kind === 'discarded') counts[event.reason] = (counts[event.reason] ?? 0) + event.count
          else read.set(keyOf(event.frame), event.frame)
        }
      }
      // Whatever was read stands on the line, with the checksum that its writer gives it.
      const sent = Buffer.from(line.buffer)
      const summed = windowsOf(create)
      const isSent = name.startsWith('toledo')
        ? (frame: unknown) => summed(line, bytes[0]?.length ?? 0).has(keyOf(frame))
        : (frame: unknown) => rewritten(name, frame).some((again) => sent.includes(Buffer.from(again)))
      expect([...read.values()].find((frame) => !isSent(frame))).toBeUndefined()
      expect(counts.noise).toBeGreaterThan(100_000)
      expect(counts.checksum).toBeGreaterThan(line.length / (bytes[0]?.length ?? 1) / 50)
      expect(framer.reset().length).toBeLessThanOrEqual(1)
    },
  )

  it.each(protocols.filter(({ hasChecksum }) => !hasChecksum))(
    '$name: without a checksum, next to nothing of random bytes',
    ({ create }) => {
      const random = randomFrom(5)
      const line = Uint8Array.from({ length: 1_000_000 }, () => Math.floor(random() * 256))
      expect(framesOf(create(), line).length).toBeLessThanOrEqual(1)
    },
  )

  it('gy-mcu90640: nothing comes of it, or a picture that can be', () => {
    const line = noise(pictures.map(encodeGyMcu90640), 1_000_000, 7)
    for (const picture of framesOf(createGyMcu90640Framer(), line)) {
      const { centiC } = picture as { centiC: Int16Array }
      expect(Math.max(...centiC)).toBeLessThanOrEqual(30_000)
    }
  })
})

/** What a fresh framer reads from the pieces of the line whose low seven bits add up to 0. */
const windowsOf = (create: () => Framer<unknown>) => {
  let known: Set<string> | undefined
  return (line: Uint8Array, length: number): Set<string> => {
    known ??= new Set(
      Array.from({ length: line.length - length + 1 }, (_, at) => line.subarray(at, at + length))
        .filter(
          (piece) => ((piece[0] ?? 0) & 0x7f) === 2 && piece.reduce((sum, byte) => sum + byte, 0) % 128 === 0,
        )
        .flatMap((piece) => framesOf(create(), piece).map(keyOf)),
    )
    return known
  }
}

function rewritten(name: string, frame: unknown): Uint8Array[] {
  if (name.startsWith('xk3190')) {
    const load = frame as { digits: number; decimals: number }
    // Minus zero is read as zero.
    return [encodeXk3190(load), encodeXk3190(load, 'clone'), encodeXk3190({ ...load, digits: -0.4 })]
  }
  if (name === 'mlx90640-raw') return [encodeMlx90640Raw(frame as Mlx90640RawFrame)]
  if (name === 'modbus requests') return [encodeRequest(frame as ModbusRequest)]
  const { request, answer } = frame as Answered
  return [encodeAnswer(request, answer)]
}

/** A short text that is the same for the same frame. */
function keyOf(frame: unknown): string {
  return JSON.stringify(frame, (_key, value: unknown) =>
    value instanceof Int16Array || value instanceof Uint16Array
      ? Buffer.from(value.buffer).toString('base64')
      : value,
  )
}
