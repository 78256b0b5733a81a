import { COLUMNS, EEPROM_WORDS, PIXELS } from './mlx90640-calibration.ts'
import { FRAME_WORDS, type Scene } from './mlx90640-temperatures.ts'

/**
 * A sensor that was never built, for the simulator: every pixel alike, no offsets, no drift, gain 1. One step
 * of its converter is about 0.04 °C.
 */
const KELVIN = 273.15
const GAIN = 6000
const V_PTAT = 12_273
const VBE = 19_442
/** 0x2421 over 2^30, times 2^−8 of the scale. */
const ALPHA_CELL = 0x14d0
const ALPHA = ALPHA_CELL / 2 ** 34

/** The words of its EEPROM; from the datasheet's own example where the value does not matter. */
export function syntheticEeprom(): Uint16Array {
  const words = new Uint16Array(EEPROM_WORDS)
  words[0x10] = 0x4000
  words[0x20] = 0x4000
  words[0x21] = ALPHA_CELL
  words[0x30] = GAIN
  words[0x31] = V_PTAT
  words[0x32] = 0x0152
  words[0x33] = 0x9d68
  words[0x38] = 0x2000
  words[0x3f] = 0x1241
  // A pixel of 0 would be a failed one: the lowest bit of Kta, whose scale makes nothing of it.
  words.fill(0x0002, 0x40, 0x40 + PIXELS)
  words[0x38] = 0x20f0
  return words
}

/** Both sub-pages of a picture, °C × 100, at the nominal supply. */
export function syntheticSubPages(
  ambientCentiC: number,
  centiC: Int16Array,
  { emissivity, reflectedC }: Scene,
): [Uint16Array, Uint16Array] {
  const ambientC = ambientCentiC / 100
  const ambient4 = (ambientC + KELVIN) ** 4
  const reflected4 = ((reflectedC ?? ambientC - 8) + KELVIN) ** 4
  const mirrored = reflected4 - (reflected4 - ambient4) / emissivity
  const page = (subPage: 0 | 1): Uint16Array => {
    const words = new Uint16Array(FRAME_WORDS)
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const isOurs = ((Math.floor(pixel / COLUMNS) ^ pixel) & 1) === subPage
      if (!isOurs) continue
      const object4 = ((centiC[pixel] ?? 0) / 100 + KELVIN) ** 4
      words[pixel] = Math.round(ALPHA * emissivity * (object4 - mirrored))
    }
    words[768] = VBE
    words[778] = GAIN
    words[800] = ptatFor(ambientC)
    words[810] = -13_056
    words[832] = 0x1901
    words[833] = subPage
    return words
  }
  return [page(0), page(1)]
}

/** The formula of Ta the other way round; α of PTAT is 9, Kv 0, Kt 42.25. */
function ptatFor(ambientC: number): number {
  const art = ((ambientC - 25) * 42.25 + V_PTAT) / 2 ** 18
  return Math.round((art * VBE) / (1 - 9 * art))
}
