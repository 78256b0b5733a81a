import { describe, expect, it } from 'vitest'
import type { DiscardReason, Framer } from './framer.ts'
import { createGyMcu90640Framer, encodeGyMcu90640 } from './gy-mcu90640.ts'
import {
  type Answered,
  createAnswerFramer,
  createRequestFramer,
  encodeAnswer,
  encodeRequest,
  type ModbusRequest,
} from './modbus-rtu.ts'
import { createXk3190Framer, encodeXk3190 } from './xk3190.ts'

/** One protocol: how it is read, and some different frames as they stand on the line. */
type Protocol = { name: string; create(): Framer<unknown>; frames: unknown[]; bytes: Uint8Array[] }

const protocol = <Frame>(
  name: string,
  create: () => Framer<Frame>,
  frames: Frame[],
  encode: (frame: Frame) => Uint8Array,
) => ({
  name,
  create,
  frames,
  bytes: frames.map(encode),
})

const loads = [0, 1560, -27, 999_999, 5].map((digits, decimals) => ({ digits, decimals }))
const pictures = [0, 1, 2, 3].map((seed) => ({
  ambientCentiC: 2500 + seed,
  centiC: Int16Array.from({ length: 768 }, (_, pixel) => 2000 + seed * 100 + (pixel % 700)),
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

const protocols: Protocol[] = [
  protocol('xk3190', createXk3190Framer, loads, (frame) => encodeXk3190(frame)),
  protocol('xk3190 clone', createXk3190Framer, loads, (frame) => encodeXk3190(frame, 'clone')),
  protocol('gy-mcu90640', createGyMcu90640Framer, pictures, encodeGyMcu90640),
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

describe.each(protocols)('$name', ({ create, frames, bytes }) => {
  const line = joined(bytes)

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
      const whole = sent.filter((_, index) => index !== owner[at])
      // In their order, with at most the damaged one between them.
      if (read.filter((key) => whole.includes(key)).join() !== whole.join() || read.length > sent.length) {
        expect.fail(`byte ${at}: ${read.length} of ${sent.length} frames`)
      }
    }
  }, 20_000)

  it('finds the frames between garbage and counts the rest', () => {
    const garbage = Uint8Array.of(0xff, 0xfe, 0x00, 0xff)
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
    expect(framesOf(framer, line)).toEqual(frames)
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

describe('a million bytes of noise', () => {
  it.each(protocols.filter(({ name }) => name !== 'gy-mcu90640'))(
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
      const isSent = (frame: unknown) =>
        rewritten(name, frame).some((again) => sent.includes(Buffer.from(again)))
      expect([...read.values()].find((frame) => !isSent(frame))).toBeUndefined()
      expect(counts.noise).toBeGreaterThan(100_000)
      expect(counts.checksum).toBeGreaterThan(1000)
      expect(framer.reset().length).toBeLessThanOrEqual(1)
    },
  )

  it('gy-mcu90640: nothing comes of it, or a picture that can be', () => {
    const line = noise(protocols[2]?.bytes ?? [], 1_000_000, 7)
    for (const picture of framesOf(createGyMcu90640Framer(), line)) {
      const { centiC } = picture as { centiC: Int16Array }
      expect(Math.max(...centiC)).toBeLessThanOrEqual(30_000)
    }
  })
})

function rewritten(name: string, frame: unknown): Uint8Array[] {
  if (name.startsWith('xk3190')) {
    const load = frame as { digits: number; decimals: number }
    // Minus zero is read as zero.
    return [encodeXk3190(load), encodeXk3190(load, 'clone'), encodeXk3190({ ...load, digits: -0.4 })]
  }
  if (name === 'modbus requests') return [encodeRequest(frame as ModbusRequest)]
  const { request, answer } = frame as Answered
  return [encodeAnswer(request, answer)]
}

/** A short text that is the same for the same frame. */
function keyOf(frame: unknown): string {
  return JSON.stringify(frame, (_key, value: unknown) =>
    value instanceof Int16Array ? Buffer.from(value.buffer).toString('base64') : value,
  )
}
