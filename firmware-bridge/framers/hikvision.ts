import { createFramer, type Framer, type Look, NOISE, WAIT } from './framer.ts'

/**
 * Hikvision thermography over ISAPI, the answer to `GET …/thermometry/jpegPicWithAppendData?format=json`: parts of a
 * multipart body, each with its headers. By a third party's reading of real answers; the maker's own text was not seen.
 *
 * ```
 * --boundary CR LF  Content-Type: application/json  …  CR LF CR LF
 *     {"JpegPictureWithAppendData": {jpegPicWidth, jpegPicHeight, p2pDataLen, temperatureDataLength, scale, offset …}}
 * --boundary …      image/pjpeg: the thermal picture in false colours
 * --boundary …      application/octet-stream, p2pDataLen bytes, LE: a temperature for each pixel, row by row.
 *                   temperatureDataLength 4: float32, °C. 2: int16, raw / scale + offset is kelvin
 * --boundary …      image/pjpeg: the visible picture, where there is one
 * --boundary--
 * ```
 */
export type HikvisionFrame = { width: number; height: number /** °C × 100. */; centiC: Int16Array }

/** 640 × 512 float32 and two pictures. */
const MAX_BYTES = 6_000_000
const MAX_PIXELS = 640 * 512
const [CR, LF, DASH] = [0x0d, 0x0a, 0x2d]
const ZERO_K = 273.15
/** What these cameras can tell from −20 °C on; beyond, the bytes are no temperatures. */
const MIN_C = -60
const MAX_C = 327

export const createHikvisionFramer = (): Framer<HikvisionFrame> => createFramer(MAX_BYTES, look)

export function encodeHikvision({ width, height, centiC }: HikvisionFrame): Uint8Array {
  const matrix = Buffer.alloc(centiC.length * 4)
  centiC.forEach((value, pixel) => {
    matrix.writeFloatLE(value / 100, pixel * 4)
  })
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)
  const head = JSON.stringify({
    JpegPictureWithAppendData: {
      channel: 2,
      jpegPicLen: jpeg.length,
      jpegPicWidth: width,
      jpegPicHeight: height,
      p2pDataLen: matrix.length,
      isFreezedata: false,
      temperatureDataLength: 4,
      scale: 1,
      offset: 0,
    },
  })
  const part = (type: string, body: Uint8Array | string) => [
    Buffer.from(`--boundary\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]
  return new Uint8Array(
    Buffer.concat([
      ...part('application/json', head),
      ...part('image/pjpeg', jpeg),
      ...part('application/octet-stream', matrix),
      Buffer.from('--boundary--\r\n'),
    ]),
  )
}

function look(bytes: Uint8Array): Look<HikvisionFrame> {
  const [first, second] = bytes
  if (first === CR || first === LF) return { kind: 'gap', bytes: 1 }
  if (first !== DASH || (second !== undefined && second !== DASH)) return NOISE
  const body = readParts(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  if (body === 'more') return WAIT
  if (body === 'broken') return { kind: 'skip', bytes: 2, reason: 'truncated' }
  const frame = readFrame(body.parts)
  return frame
    ? { kind: 'frame', bytes: body.bytes, frame }
    : { kind: 'skip', bytes: body.bytes, reason: 'implausible' }
}

type Part = { type: string; content: Buffer }

function readParts(bytes: Buffer): { parts: Part[]; bytes: number } | 'more' | 'broken' {
  const firstEnd = bytes.indexOf('\r\n')
  if (firstEnd === -1) return bytes.length > 80 ? 'broken' : 'more'
  const boundary = bytes.subarray(0, firstEnd)
  if (firstEnd < 3) return 'broken'
  const parts: Part[] = []
  let at = 0
  for (;;) {
    if (bytes.length < at + boundary.length + 2) return 'more'
    if (bytes.compare(boundary, 0, boundary.length, at, at + boundary.length) !== 0) return 'broken'
    at += boundary.length
    const isLast = bytes[at] === DASH && bytes[at + 1] === DASH
    at += 2
    if (isLast) return { parts, bytes: at }
    const headEnd = bytes.indexOf('\r\n\r\n', at - 2)
    if (headEnd === -1) return bytes.length - at > 1000 ? 'broken' : 'more'
    const head = bytes.toString('latin1', at, headEnd)
    at = headEnd + 4
    const said = /^content-length:\s*(\d+)/im.exec(head)?.[1]
    const end = said === undefined ? bytes.indexOf(boundary, at) - 2 : at + Number(said)
    if (end < at || end + 2 > bytes.length) return 'more'
    const type = /^content-type:\s*([\w/.+-]+)/im.exec(head)?.[1] ?? ''
    parts.push({ type: type.toLowerCase(), content: bytes.subarray(at, end) })
    at = end
    while (bytes[at] === CR || bytes[at] === LF) at++
  }
}

function readFrame(parts: readonly Part[]): HikvisionFrame | undefined {
  const head = numbersIn(parts.find(({ type }) => type === 'application/json')?.content)
  const { jpegPicWidth: width = 0, jpegPicHeight: height = 0, temperatureDataLength: bytesEach } = head
  const { scale = 0, offset = 0, p2pDataLen } = head
  const pixels = width * height
  const matrix = parts.find(
    ({ content, type }) => content.length === p2pDataLen && !/json|jpeg/.test(type),
  )?.content
  if (!Number.isInteger(pixels) || pixels <= 0 || pixels > MAX_PIXELS || !matrix) return undefined
  if ((bytesEach !== 2 && bytesEach !== 4) || matrix.length !== pixels * bytesEach) return undefined
  if (bytesEach === 2 && scale === 0) return undefined
  const centiC = new Int16Array(pixels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const celsius =
      bytesEach === 4
        ? matrix.readFloatLE(pixel * 4)
        : matrix.readInt16LE(pixel * 2) / scale + offset - ZERO_K
    if (!(celsius >= MIN_C && celsius <= MAX_C)) return undefined
    centiC[pixel] = Math.round(celsius * 100)
  }
  return { width, height, centiC }
}

/** The numbers of the head; none where it is no such thing. */
function numbersIn(json: Buffer | undefined): Partial<Record<string, number>> {
  try {
    const root: unknown = JSON.parse(json?.toString('utf8') ?? '')
    if (typeof root !== 'object' || root === null || !('JpegPictureWithAppendData' in root)) return {}
    const entries = Object.entries({ ...(root.JpegPictureWithAppendData as object) })
    return Object.fromEntries(
      entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    )
  } catch {
    return {}
  }
}
