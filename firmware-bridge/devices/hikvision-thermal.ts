import type { DeviceConfig } from '#domain/config.ts'
import { NO_AMBIENT } from '#domain/frame.ts'
import { createHikvisionFramer, encodeHikvision } from '../framers/hikvision.ts'
import type { ThermalDefinition } from './definition.ts'
import { mapFramer } from './map-framer.ts'
import { asConfigured } from './surface-of.ts'

/** Of the common small sensor; the answer says what it is. */
const [WIDTH, HEIGHT] = [160, 120]
const EVERY_MS = 10_000

/** A Hikvision thermographic camera, asked over ISAPI for the temperature of every pixel. */
export const hikvisionThermal: ThermalDefinition = {
  kind: 'thermal',
  model: 'hikvision-thermal',
  title: { zh: '海康威视测温热像仪（ISAPI）', en: 'Hikvision thermographic camera (ISAPI)' },
  width: WIDTH,
  height: HEIGHT,
  workedOut: 'in the camera',
  measuresAmbient: false,
  media: {
    vias: ['snapshot'],
    ask: ({ picture }: DeviceConfig) => ({
      media: 'video',
      input: [],
      output: [],
      everyMs: picture?.everyS === undefined ? EVERY_MS : picture.everyS * 1000,
      path: '/ISAPI/Thermal/channels/2/thermometry/jpegPicWithAppendData?format=json',
    }),
  },
  createFramer: () =>
    mapFramer(createHikvisionFramer(), ({ width, height, centiC }) => ({
      ambientCentiC: NO_AMBIENT,
      centiC,
      size: { width, height },
    })),
  encode: ({ centiC, size = { width: WIDTH, height: HEIGHT } }) => encodeHikvision({ ...size, centiC }),
  configured(config: DeviceConfig) {
    // What is asked for comes that often: nothing is passed over.
    const { everyMs, ...asked } = asConfigured(hikvisionThermal, config, 1)
    return { ...asked, silentAfterMs: Math.max(60_000, 3 * (everyMs ?? EVERY_MS)) }
  },
  silentAfterMs: 60_000,
}
