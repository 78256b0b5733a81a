/**
 * What an MLX90640 carries in its EEPROM: 832 words from 0x2400 on, each sensor's own. Names and formulas are
 * those of the datasheet (rev. 11, §11.1 "Restoring calibration data from EEPROM"); `cell(0x33)` is 0x2433.
 *
 * ```
 * 2410  scales of the offsets     2420  scales of the sensitivities   2430  gain, PTAT, Kv, Kta, CP, KsTo …
 * 2411  mean offset               2421  mean sensitivity              2440 – 273F  one word a pixel:
 * 2412 – 2417  rows, 4 bits each  2422 – 2427  rows                       offset 6 | α 6 | Kta 3 | outlier 1
 * 2418 – 241F  columns            2428 – 242F  columns
 * ```
 */
export const EEPROM_WORDS = 832
export const COLUMNS = 32
export const ROWS = 24
export const PIXELS = COLUMNS * ROWS
const FIRST_PIXEL = 0x40

export type Mlx90640Calibration = {
  vdd: { k: number; at25: number; resolution: number }
  ptat: { kv: number; kt: number; at25: number; alpha: number }
  gain: number
  /** Share of the compensation pixel in every pixel's signal. */
  tgc: number
  ksTa: number
  /** Sensitivity over the object's temperature: in the ranges from `corners[i]` °C on. */
  ksTo: readonly [number, number, number, number]
  corners: readonly [number, number, number, number]
  /** The compensation pixels of both sub-pages. */
  cp: { offset: readonly [number, number]; alpha: readonly [number, number]; kta: number; kv: number }
  /** By pixel, row by row. */
  alpha: Float64Array
  offset: Float64Array
  kta: Float64Array
  kv: Float64Array
  /** Corrections for reading rows where the sensor was calibrated in the chess pattern, or the other way round. */
  interleave: readonly [number, number, number]
  isCalibratedInChess: boolean
  /** Pixels that the maker marked as failed or out of specification. */
  brokenPixels: readonly number[]
}

/** Undefined when these are not the words of a sensor: wrong number, or no gain, no supply slope, no sensitivity. */
export function readCalibration(words: ArrayLike<number>): Mlx90640Calibration | undefined {
  if (words.length !== EEPROM_WORDS) return undefined
  const cell = (at: number): number => words[at] ?? 0
  const high = (at: number): number => signed(cell(at) >> 8, 8)
  const low = (at: number): number => signed(cell(at) & 0xff, 8)
  /** `count` bits from bit `from` on. */
  const bits = (at: number, from: number, count: number): number => (cell(at) >> from) & ((1 << count) - 1)
  const nibble = (at: number, index: number): number => signed(bits(at + (index >> 2), 4 * (index & 3), 4), 4)

  const gain = signed(cell(0x30), 16)
  const vddK = high(0x33) * 32
  const alphaScale = bits(0x20, 12, 4)
  if (gain === 0 || vddK === 0 || cell(0x21) === 0) return undefined

  const cpOffset = signed(bits(0x3a, 0, 10), 10)
  const cpAlpha = signed(bits(0x39, 0, 10), 10) / 2 ** (alphaScale + 27)
  const ktaScale = 2 ** (bits(0x38, 4, 4) + 8)
  const kvScale = 2 ** bits(0x38, 8, 4)
  const step = 10 * bits(0x3f, 12, 2)
  const third = bits(0x3f, 4, 4) * step
  const ksToScale = 2 ** (bits(0x3f, 0, 4) + 8)

  const alpha = new Float64Array(PIXELS)
  const offset = new Float64Array(PIXELS)
  const kta = new Float64Array(PIXELS)
  const kv = new Float64Array(PIXELS)
  const brokenPixels: number[] = []
  // By oddness of row and column, as the datasheet has them: rows and columns counted from 1.
  const ktaOf = [high(0x36), high(0x37), low(0x36), low(0x37)]
  const kvOf = [12, 4, 8, 0].map((from) => signed(bits(0x34, from, 4), 4))
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const row = pixel >> 5
    const column = pixel & 31
    const at = FIRST_PIXEL + pixel
    if (cell(at) === 0 || (cell(at) & 1) === 1) brokenPixels.push(pixel)
    const split = 2 * (row & 1) + (column & 1)
    alpha[pixel] =
      (cell(0x21) +
        nibble(0x22, row) * 2 ** bits(0x20, 8, 4) +
        nibble(0x28, column) * 2 ** bits(0x20, 4, 4) +
        signed(bits(at, 4, 6), 6) * 2 ** bits(0x20, 0, 4)) /
      2 ** (alphaScale + 30)
    offset[pixel] =
      signed(cell(0x11), 16) +
      nibble(0x12, row) * 2 ** bits(0x10, 8, 4) +
      nibble(0x18, column) * 2 ** bits(0x10, 4, 4) +
      signed(bits(at, 10, 6), 6) * 2 ** bits(0x10, 0, 4)
    kta[pixel] = ((ktaOf[split] ?? 0) + signed(bits(at, 1, 3), 3) * 2 ** bits(0x38, 0, 4)) / ktaScale
    kv[pixel] = (kvOf[split] ?? 0) / kvScale
  }
  return {
    vdd: { k: vddK, at25: (bits(0x33, 0, 8) - 256) * 32 - 8192, resolution: bits(0x38, 12, 2) },
    ptat: {
      kv: signed(bits(0x32, 10, 6), 6) / 4096,
      kt: signed(bits(0x32, 0, 10), 10) / 8,
      at25: signed(cell(0x31), 16),
      alpha: bits(0x10, 12, 4) / 4 + 8,
    },
    gain,
    tgc: low(0x3c) / 32,
    ksTa: high(0x3c) / 8192,
    ksTo: [low(0x3d) / ksToScale, high(0x3d) / ksToScale, low(0x3e) / ksToScale, high(0x3e) / ksToScale],
    corners: [-40, 0, third, third + bits(0x3f, 8, 4) * step],
    cp: {
      offset: [cpOffset, cpOffset + signed(bits(0x3a, 10, 6), 6)],
      alpha: [cpAlpha, cpAlpha * (1 + signed(bits(0x39, 10, 6), 6) / 128)],
      kta: low(0x3b) / ktaScale,
      kv: high(0x3b) / kvScale,
    },
    alpha,
    offset,
    kta,
    kv,
    interleave: [
      signed(bits(0x35, 0, 6), 6) / 16,
      signed(bits(0x35, 6, 5), 5) / 2,
      signed(bits(0x35, 11, 5), 5) / 8,
    ],
    isCalibratedInChess: bits(0x0a, 11, 1) === 0,
    brokenPixels,
  }
}

/** Two's complement of so many bits. */
export function signed(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}
