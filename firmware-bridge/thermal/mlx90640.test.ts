import { expect, it } from 'vitest'
import { EEPROM_WORDS, PIXELS, readCalibration } from './mlx90640-calibration.ts'
import { syntheticEeprom, syntheticSubPages } from './mlx90640-synthetic.ts'
import { FRAME_WORDS, readSubPage } from './mlx90640-temperatures.ts'

const calibrated = (change: (words: Uint16Array) => void = () => {}) => {
  const words = syntheticEeprom()
  change(words)
  return readCalibration(words) ?? expect.unreachable()
}
const scene = { emissivity: 0.96 }

it('restores the supply and ambient sensors as the datasheet’s example does: 3.319 V, 39.184 °C', () => {
  const calibration = calibrated((words) => {
    words[0x32] = 0x5952
  })
  expect(calibration.vdd).toEqual({ k: -3168, at25: -13_056, resolution: 2 })
  expect(calibration.ptat).toEqual({ kv: 22 / 4096, kt: 42.25, at25: 12_273, alpha: 9 })
  const [page] = syntheticSubPages(2500, new Int16Array(PIXELS), scene)
  page[768] = 0x4bf2
  page[800] = 0x06af
  page[810] = 0xccc5
  expect(readSubPage(page, calibration, scene, new Float64Array(PIXELS))?.ambientC).toBeCloseTo(39.184, 2)
})

it('restores the pixels’ signed nibbles and bits by row and column', () => {
  const calibration = calibrated((words) => {
    words[0x10] = 0x4321
    words[0x11] = 0xffc9
    words[0x12] = 0x0f2e
    words[0x18] = 0x3201
    words[0x36] = 0x5354
    words[0x37] = 0x52fe
    words[0x38] = 0x2352
    words[0x34] = 0x1f3d
    words[0x40 + 33] = (0x3f << 10) | (0x20 << 4) | (0x5 << 1)
  })
  // Row 2 and column 2: 0x2412 bits 4–7 are 2, 0x2418 bits 4–7 are 0; the pixel's own part −1 × 2.
  expect(calibration.offset[33]).toBe(-55 + 2 * 8 + 0 * 4 - 1 * 2)
  // Even row, even column: the low byte of 0x2437, and 5 of three bits is −3, times 4.
  expect(calibration.kta[33]).toBe((-2 - 3 * 4) / 2 ** 13)
  expect(calibration.kv[33]).toBe(-3 / 8)
  // The others by their oddness: odd row with odd column is 1, even row odd column −1, odd row even column 3.
  expect([calibration.kv[0], calibration.kv[32], calibration.kv[1]]).toEqual([1 / 8, -1 / 8, 3 / 8])
})

it('finds the broken pixels', () => {
  const { brokenPixels } = calibrated((words) => {
    words[0x40 + 5] = 0
    words[0x40 + 700] = 0x1235
  })
  expect(brokenPixels).toEqual([5, 700])
})

it.each([
  [0.96, undefined],
  [1, undefined],
  [0.9, 31],
])(
  'gives back the temperatures that its words were made of: emissivity %d, reflected %s °C',
  (emissivity, reflectedC) => {
    const centiC = Int16Array.from({ length: PIXELS }, (_, pixel) => -1000 + pixel * 10)
    const toC = new Float64Array(PIXELS)
    const calibration = calibrated()
    const pages = syntheticSubPages(2700, centiC, { emissivity, reflectedC })
    const read = pages.map((page) => readSubPage(page, calibration, { emissivity, reflectedC }, toC))
    expect(read.map((page) => page?.subPage)).toEqual([0, 1])
    expect(read[0]?.ambientC).toBeCloseTo(27, 1)
    const worst = Math.max(
      ...centiC.map((centi, pixel) => Math.abs(centi - 100 * (toC[pixel] ?? Number.NaN))),
    )
    expect(worst).toBeLessThan(10)
  },
)

it('a lower emissivity makes warm birds warmer, for they mirror the colder house', () => {
  const [page] = syntheticSubPages(2500, new Int16Array(PIXELS).fill(3900), scene)
  const hottest = [1, 0.96, 0.9].map((emissivity) => {
    const toC = new Float64Array(PIXELS)
    readSubPage(page, calibrated(), { emissivity, reflectedC: 25 }, toC)
    return toC[0] ?? 0
  })
  expect(hottest).toEqual([...hottest].sort((a, b) => a - b))
})

it('refuses what is no sensor, without a throw', () => {
  expect(readCalibration(new Uint16Array(EEPROM_WORDS))).toBeUndefined()
  expect(readCalibration(new Uint16Array(7))).toBeUndefined()
  const toC = new Float64Array(PIXELS)
  expect(readSubPage(new Uint16Array(FRAME_WORDS), calibrated(), scene, toC)).toBeUndefined()
  expect(readSubPage(new Uint16Array(7), calibrated(), scene, toC)).toBeUndefined()
})
