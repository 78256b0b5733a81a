import type { DeviceConfig } from '#domain/config.ts'
import type { Framed, Framer } from '../framers/framer.ts'
import { createMlx90640RawFramer, encodeMlx90640Raw, type Mlx90640RawFrame } from '../framers/mlx90640-raw.ts'
import {
  COLUMNS,
  type Mlx90640Calibration,
  PIXELS,
  ROWS,
  readCalibration,
} from '../thermal/mlx90640-calibration.ts'
import { syntheticEeprom, syntheticSubPages } from '../thermal/mlx90640-synthetic.ts'
import { readSubPage, type Scene } from '../thermal/mlx90640-temperatures.ts'
import type { ThermalDefinition, ThermalSample } from './definition.ts'
import { asOften, EMISSIVITY } from './surface-of.ts'

/** An MLX90640 whose board passes on its bare words: temperatures are worked out by its own calibration, here. */
function rawSensorIn(scene: Scene): ThermalDefinition {
  return {
    kind: 'thermal',
    model: 'mlx90640-raw',
    title: { zh: 'MLX90640 热成像阵列（原始数据）', en: 'MLX90640 thermal array, raw words' },
    line: { baudRate: 921_600 },
    width: COLUMNS,
    height: ROWS,
    workedOut: 'here',
    measuresAmbient: true,
    createFramer: () => createPictures(scene),
    encode({ ambientCentiC, centiC }) {
      const pages = syntheticSubPages(ambientCentiC, centiC, scene)
      const frames: Mlx90640RawFrame[] = [
        { of: 'eeprom', words: syntheticEeprom() },
        ...pages.map((words) => ({ of: 'ram' as const, words })),
      ]
      return new Uint8Array(Buffer.concat(frames.map(encodeMlx90640Raw)))
    },
    configured: (config: DeviceConfig) =>
      asOften(
        config,
        config.thermal ? rawSensorIn({ emissivity: EMISSIVITY, ...config.thermal }) : mlx90640Raw,
      ),
    silentAfterMs: 10_000,
  }
}

/** Sub-pages become a picture when both halves are there; without its calibration a sub-page says nothing. */
function createPictures(scene: Scene): Framer<ThermalSample> {
  const framer = createMlx90640RawFramer()
  const toC = new Float64Array(PIXELS)
  let calibration: Mlx90640Calibration | undefined
  let seen = new Set<0 | 1>()

  function take({ of, words }: Mlx90640RawFrame): Framed<ThermalSample>[] {
    if (of === 'eeprom') {
      calibration = readCalibration(words) ?? calibration
      return []
    }
    const page = calibration && readSubPage(words, calibration, scene, toC)
    if (calibration && !page) return [{ kind: 'discarded', reason: 'implausible', count: 1 }]
    if (!calibration || !page) return []
    seen.add(page.subPage)
    if (seen.size < 2) return []
    seen = new Set()
    for (const pixel of calibration.brokenPixels)
      toC[pixel] = neighboursOf(toC, pixel, calibration.brokenPixels)
    const centiC = Int16Array.from(toC, centi)
    return [{ kind: 'frame', frame: { ambientCentiC: centi(page.ambientC), centiC } }]
  }

  return {
    push: (bytes) =>
      framer.push(bytes).flatMap((event) => (event.kind === 'frame' ? take(event.frame) : [event])),
    reset() {
      seen = new Set()
      return framer.reset().filter((event) => event.kind === 'discarded')
    },
  }
}

/** What lies outside of its range of −40 … 300 °C, the sensor cannot tell from its end. */
const centi = (celsius: number): number =>
  Math.round(100 * (Number.isNaN(celsius) ? -40 : Math.min(300, Math.max(-40, celsius))))

/** The mean beside a pixel that the maker marked as broken. */
function neighboursOf(toC: Float64Array, pixel: number, broken: readonly number[]): number {
  const column = pixel % COLUMNS
  const beside = [
    column > 0 ? pixel - 1 : -1,
    column < COLUMNS - 1 ? pixel + 1 : -1,
    pixel - COLUMNS,
    pixel + COLUMNS,
  ].filter((other) => other >= 0 && other < PIXELS && !broken.includes(other))
  return beside.reduce((sum, other) => sum + (toC[other] ?? 0), 0) / Math.max(1, beside.length)
}

export const mlx90640Raw = rawSensorIn({ emissivity: EMISSIVITY })
