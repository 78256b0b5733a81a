import { COLUMNS, type Mlx90640Calibration, PIXELS, signed } from './mlx90640-calibration.ts'

/**
 * One sub-page of an MLX90640: 834 words, the RAM from 0x0400 on, then control register 0x800D and status
 * register 0x8000. A sub-page holds half of the pixels, in a chess pattern or in every other row.
 *
 * ```
 *   0 – 767  0400  pixels, row by row          800  0720  PTAT
 * 768        0700  Vbe                         808  0728  compensation pixel of sub-page 1
 * 776        0708  compensation pixel of 0     810  072A  supply voltage
 * 778        070A  gain                        832, 833   control, status
 * ```
 * Formulas: datasheet rev. 11 §11.2.2. Temperatures of objects are °C.
 */
export const FRAME_WORDS = 834
const KELVIN = 273.15

export type Scene = {
  /** Of feathers and skin 0.94 – 1. */
  emissivity: number
  /** What the birds mirror, °C: the house around them. Undefined is Ta − 8 °C, the sensor in open air. */
  reflectedC?: number | undefined
}

export type SubPage = { subPage: 0 | 1; ambientC: number }

/** Writes the sub-page's pixels into `toC`, 768 values; undefined when the words cannot be a sub-page. */
export function readSubPage(
  words: ArrayLike<number>,
  calibration: Mlx90640Calibration,
  { emissivity, reflectedC }: Scene,
  toC: Float64Array,
): SubPage | undefined {
  if (words.length !== FRAME_WORDS) return undefined
  const ram = (at: number): number => signed(words[at] ?? 0, 16)
  const control = words[832] ?? 0
  const subPage = (words[833] ?? 0) & 1 ? 1 : 0
  const isChess = (control & 0x1000) !== 0
  if (ram(778) === 0) return undefined

  const { vdd, ptat, cp, tgc, ksTo, corners } = calibration
  const resolution = 2 ** (vdd.resolution - ((control >> 10) & 3))
  // How far the supply is from its nominal 3.3 V.
  const overV = (resolution * ram(810) - vdd.at25) / vdd.k
  const ptatArt = (ram(800) / (ram(800) * ptat.alpha + ram(768))) * 2 ** 18
  const ambientC = (ptatArt / (1 + ptat.kv * overV) - ptat.at25) / ptat.kt + 25
  if (!Number.isFinite(ambientC) || ambientC < -60 || ambientC > 150) return undefined
  const overTa = ambientC - 25

  const ambient4 = (ambientC + KELVIN) ** 4
  const reflected4 = ((reflectedC ?? ambientC - 8) + KELVIN) ** 4
  const mirrored = reflected4 - (reflected4 - ambient4) / emissivity
  const gain = calibration.gain / ram(778)
  const isAsCalibrated = isChess === calibration.isCalibratedInChess
  const [first, second, third] = calibration.interleave

  const cpOffset = cp.offset[subPage] + (subPage === 1 && !isAsCalibrated ? first : 0)
  const cpSignal =
    ram(subPage === 0 ? 776 : 808) * gain - cpOffset * (1 + cp.kta * overTa) * (1 + cp.kv * overV)
  const steps = sensitivitySteps(calibration)

  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const row = Math.floor(pixel / COLUMNS) & 1
    if ((isChess ? row ^ (pixel & 1) : row) !== subPage) continue
    const offset = at(calibration.offset, pixel)
    let signal =
      ram(pixel) * gain -
      offset * (1 + at(calibration.kta, pixel) * overTa) * (1 + at(calibration.kv, pixel) * overV)
    if (!isAsCalibrated) signal += third * (2 * row - 1) - second * conversion(pixel, row)
    signal = (signal - tgc * cpSignal) / emissivity
    const alpha = (at(calibration.alpha, pixel) - tgc * cp.alpha[subPage]) * (1 + calibration.ksTa * overTa)
    const bend = ksTo[1] * (alpha ** 3 * (signal + alpha * mirrored)) ** 0.25
    const roughC = (signal / (alpha * (1 - ksTo[1] * KELVIN) + bend) + mirrored) ** 0.25 - KELVIN
    const range = roughC < corners[1] ? 0 : roughC < corners[2] ? 1 : roughC < corners[3] ? 2 : 3
    const within = 1 + ksTo[range] * (roughC - corners[range])
    toC[pixel] = (signal / (alpha * steps[range] * within) + mirrored) ** 0.25 - KELVIN
  }
  return { subPage, ambientC }
}

/** How the sensitivity has changed where each range of KsTo begins, against 0 °C. */
function sensitivitySteps({ ksTo, corners }: Mlx90640Calibration): [number, number, number, number] {
  const third = 1 + ksTo[1] * corners[2]
  return [1 / (1 + ksTo[0] * 40), 1, third, third * (1 + ksTo[2] * (corners[3] - corners[2]))]
}

/** The sign of the correction between reading patterns: 0, −1, 0, +1 along four columns, mirrored in odd rows. */
function conversion(pixel: number, row: number): number {
  const sign = [0, -1, 0, 1]
  return (sign[pixel & 3] ?? 0) * (1 - 2 * row)
}

const at = (values: Float64Array, index: number): number => values[index] as number
