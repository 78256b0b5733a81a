import type { DeviceConfig } from '#domain/config.ts'
import { NO_AMBIENT } from '#domain/frame.ts'
import { createLeptonFramer, encodeLepton, type LeptonSize } from '../framers/lepton.ts'
import type { ThermalDefinition } from './definition.ts'
import { mapFramer } from './map-framer.ts'
import { asConfigured } from './surface-of.ts'

/** A PureThermal board gives what its Lepton is set to: telemetry makes the picture higher by so many rows. */
function lepton(generation: 2 | 3, hasTelemetry: boolean): ThermalDefinition {
  const size: LeptonSize = {
    ...(generation === 3 ? { width: 160, height: 120 } : { width: 80, height: 60 }),
    telemetryRows: !hasTelemetry ? 0 : generation === 3 ? 2 : 3,
    telemetryAt: 'below',
  }
  const { width, height, telemetryRows } = size
  const definition: ThermalDefinition = {
    kind: 'thermal',
    model: `lepton-${generation}${hasTelemetry ? '-telemetry' : ''}`,
    title: {
      zh: `FLIR Lepton ${generation} 热像仪（PureThermal${hasTelemetry ? '，带遥测行' : ''}）`,
      en: `FLIR Lepton ${generation} behind PureThermal${hasTelemetry ? ', with telemetry' : ''}`,
    },
    width,
    height,
    workedOut: 'in the camera',
    measuresAmbient: hasTelemetry,
    // Nine pictures a second would be 3 Mbit/s of one number a second.
    everyMs: 1000,
    media: {
      vias: ['v4l2'],
      ask: () => ({
        media: 'video',
        input: ['-input_format', 'gray16le', '-video_size', `${width}x${height + telemetryRows}`],
        output: ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray16le', '-flush_packets', '1'],
        everyMs: 1000,
      }),
    },
    createFramer: () =>
      mapFramer(createLeptonFramer(size), ({ centiC, sensorCentiC = NO_AMBIENT }) => ({
        centiC,
        ambientCentiC: sensorCentiC,
      })),
    encode: ({ centiC, ambientCentiC }) =>
      encodeLepton({ centiC, sensorCentiC: ambientCentiC, isShutterClosed: false }, size),
    // Radiometric Leptons leave the factory with an emissivity of 1.
    configured: (config: DeviceConfig) => asConfigured(definition, config, 1),
    silentAfterMs: 15_000,
  }
  return definition
}

export const leptons: readonly ThermalDefinition[] = [
  lepton(3, false),
  lepton(3, true),
  lepton(2, false),
  lepton(2, true),
]
