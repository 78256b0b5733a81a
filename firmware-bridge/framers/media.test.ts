import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Framer } from './framer.ts'
import { createHikvisionFramer, encodeHikvision } from './hikvision.ts'
import { createJpegFramer, isWholeJpeg, jpegSize } from './jpeg.ts'
import { createLeptonFramer, encodeLepton, type LeptonSize } from './lepton.ts'
import { createPcmFramer, encodePcm } from './pcm.ts'

/**
 * A JPEG's skeleton: a thumbnail inside a segment, stuffed bytes and restart markers in its scan, and fill bytes
 * before a marker.
 */
function jpegOf(width: number, height: number, seed: number): Uint8Array {
  const thumbnail = [0xff, 0xd8, 0xff, 0xd9]
  return Uint8Array.of(
    ...[0xff, 0xd8, 0xff, 0xe1, 0, 2 + thumbnail.length, ...thumbnail],
    ...[0xff, 0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 0, 0, 0],
    ...[0xff, 0xda, 0, 4, 1, 0, seed, 0xff, 0x00, 7, 0xff, 0xd0, 9, 0xff, 0xda, 0, 3, 1, seed, 0xff, 0xd9],
  )
}

const lepton: LeptonSize = { width: 80, height: 60, telemetryRows: 0, telemetryAt: 'below' }
const withRows: LeptonSize = { ...lepton, telemetryRows: 3 }
const scene = (seed: number) => Int16Array.from({ length: 4800 }, (_, pixel) => 2000 + ((pixel + seed) % 500))
const matrix = (seed: number) => ({
  width: 8,
  height: 6,
  centiC: Int16Array.from({ length: 48 }, (_, pixel) => 2000 + seed * 100 + pixel),
})

const streams: { name: string; create(): Framer<unknown>; chunks: Uint8Array[]; frames: unknown[] }[] = [
  {
    name: 'jpeg',
    create: createJpegFramer,
    chunks: [1, 2, 3].map((seed) => jpegOf(640 + seed, 480, seed)),
    frames: [1, 2, 3].map((seed) => ({
      width: 640 + seed,
      height: 480,
      jpeg: jpegOf(640 + seed, 480, seed),
    })),
  },
  {
    name: 'hikvision',
    create: createHikvisionFramer,
    chunks: [1, 2, 3].map((seed) => encodeHikvision(matrix(seed))),
    frames: [1, 2, 3].map(matrix),
  },
  {
    name: 'pcm',
    create: () => createPcmFramer(3),
    chunks: [Int16Array.of(1, -2, 32_767), Int16Array.of(-32_768, 0, 5)].map(encodePcm),
    frames: [Int16Array.of(1, -2, 32_767), Int16Array.of(-32_768, 0, 5)],
  },
]

function framesOf(framer: Framer<unknown>, ...chunks: Uint8Array[]): unknown[] {
  return chunks
    .flatMap((chunk) => framer.push(chunk))
    .flatMap((event) => (event.kind === 'frame' ? [event.frame] : []))
}

describe.each(streams)('$name', ({ create, chunks, frames }) => {
  const line = new Uint8Array(Buffer.concat(chunks))

  it('reads what was written, wherever the stream is cut in two', () => {
    for (let cut = 0; cut <= line.length; cut++)
      expect(framesOf(create(), line.subarray(0, cut), line.subarray(cut))).toEqual(frames)
  })

  it('keeps its own copy: the buffer is filled again', () => {
    const buffer = line.slice()
    const read = framesOf(create(), buffer)
    buffer.fill(0)
    expect(read).toEqual(frames)
  })

  it('takes any bytes without a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (noise) => {
        const framer = create()
        for (const bytes of noise) framer.push(bytes)
        framer.reset()
      }),
    )
  })
})

describe('jpeg', () => {
  const picture = jpegOf(320, 240, 5)

  it('says a picture’s size, and whether it is whole', () => {
    expect(jpegSize(picture)).toEqual({ width: 320, height: 240 })
    expect(isWholeJpeg(picture)).toBe(true)
    for (let length = 0; length < picture.length; length++)
      expect(isWholeJpeg(picture.subarray(0, length))).toBe(false)
    expect(jpegSize(Buffer.from('GIF89a'))).toBeUndefined()
  })

  it('finds pictures between garbage, and behind one that was cut off', () => {
    const garbage = Uint8Array.of(0, 0xff, 1, 2)
    const cut = picture.subarray(0, picture.length - 2)
    const events = createJpegFramer().push(new Uint8Array([...garbage, ...picture, ...cut, ...picture]))
    expect(events.map((event) => (event.kind === 'frame' ? 'frame' : event.reason))).toEqual([
      'noise',
      'frame',
      'truncated',
      'frame',
    ])
  })

  it('finds pictures again after any damaged byte, and be it a length', () => {
    const line = new Uint8Array(Buffer.concat(new Array<Uint8Array>(1500).fill(picture)))
    for (let at = 0; at < picture.length; at++) {
      const damaged = line.slice()
      damaged[at] = (line[at] as number) ^ 0x55
      const read = framesOf(createJpegFramer(), damaged) as { jpeg: Uint8Array }[]
      expect(read.some(({ jpeg }) => Buffer.compare(jpeg, picture) === 0)).toBe(true)
    }
  })
})

describe('lepton', () => {
  const frame = (seed: number, isShutterClosed = false) => ({
    centiC: scene(seed),
    sensorCentiC: 3012,
    isShutterClosed,
  })
  const read = (size: LeptonSize, ...frames: ReturnType<typeof frame>[]) =>
    framesOf(createLeptonFramer(size), ...frames.map((one) => encodeLepton(one, size)))

  it('reads kelvin × 100, with and without telemetry, below and above the picture', () => {
    expect(read(lepton, frame(1), frame(2))).toEqual(
      [1, 2].map((seed) => ({ ...frame(seed), sensorCentiC: undefined })),
    )
    for (const telemetryAt of ['below', 'above'] as const)
      expect(read({ ...withRows, telemetryAt }, frame(1), frame(2))).toEqual([frame(1), frame(2)])
  })

  it('drops what it says while its shutter is closed', () => {
    const said = [frame(1), frame(2, true), frame(3, true), frame(4)]
    expect(read(withRows, ...said)).toEqual([frame(1), frame(4)])
  })

  it('drops what repeats the picture before it: nothing alive does', () => {
    const shown = read(lepton, frame(1), frame(1), frame(1), frame(2))
    expect(shown).toHaveLength(2)
  })

  it('refuses counts that are no temperatures', () => {
    const counts = new Uint8Array(9600).fill(0x20)
    expect(createLeptonFramer(lepton).push(counts)).toEqual([
      { kind: 'discarded', reason: 'implausible', count: 1 },
    ])
  })

  it('goes on, wherever the stream is cut in two', () => {
    const bytes = new Uint8Array(Buffer.concat([1, 2].map((seed) => encodeLepton(frame(seed), lepton))))
    for (let cut = 1; cut < bytes.length; cut += 97)
      expect(framesOf(createLeptonFramer(lepton), bytes.subarray(0, cut), bytes.subarray(cut))).toHaveLength(
        2,
      )
  })
})

describe('hikvision', () => {
  const answer = (head: Record<string, unknown>, bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from(`--x\r\nContent-Type: application/json\r\n\r\n`),
      Buffer.from(JSON.stringify({ JpegPictureWithAppendData: head })),
      Buffer.from('\r\n--x\r\nContent-Type: image/pjpeg\r\n\r\n\xff\xd8\xff\xd9\r\n--x\r\n', 'latin1'),
      Buffer.from('Content-Type: application/octet-stream\r\n\r\n'),
      bytes,
      Buffer.from('\r\n--x--\r\n'),
    ])

  it('reads int16 by scale and offset: raw / scale + offset − 273.15', () => {
    const raw = Buffer.alloc(4)
    raw.writeInt16LE(2000, 0)
    raw.writeInt16LE(3000, 2)
    const head = { jpegPicWidth: 2, jpegPicHeight: 1, p2pDataLen: 4, temperatureDataLength: 2, scale: 100 }
    const [event] = createHikvisionFramer().push(answer({ ...head, offset: 280 }, raw))
    expect(event).toEqual({
      kind: 'frame',
      frame: { width: 2, height: 1, centiC: Int16Array.of(2685, 3685) },
    })
  })

  it.each([
    ['no head', {}],
    ['sizes that do not fit the data', { jpegPicWidth: 3, jpegPicHeight: 1 }],
    ['another kind of data', { temperatureDataLength: 8 }],
    ['a size beyond all sensors', { jpegPicWidth: 65_536, jpegPicHeight: 65_536 }],
  ])('refuses %s', (_, change) => {
    const head = { jpegPicWidth: 1, jpegPicHeight: 1, p2pDataLen: 4, temperatureDataLength: 4 }
    const own = Object.keys(change).length === 0 ? {} : { ...head, ...change }
    const bytes = Buffer.alloc(4)
    expect(
      createHikvisionFramer()
        .push(answer(head, bytes))
        .map(({ kind }) => kind),
    ).toContain('frame')
    expect(
      createHikvisionFramer()
        .push(answer(own, bytes))
        .map(({ kind }) => kind),
    ).not.toContain('frame')
  })

  it('refuses what is no temperature', () => {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(Number.NaN)
    const head = { jpegPicWidth: 1, jpegPicHeight: 1, p2pDataLen: 4, temperatureDataLength: 4 }
    expect(
      createHikvisionFramer()
        .push(answer(head, bytes))
        .map(({ kind }) => kind),
    ).not.toContain('frame')
  })
})
