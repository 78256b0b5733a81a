import type { DeviceConfig } from '#domain/config.ts'
import { NO_AMBIENT } from '#domain/frame.ts'
import { forSurface } from '../thermal/emissivity.ts'
import type { ThermalDefinition, ThermalSample } from './definition.ts'
import { mapFramer } from './map-framer.ts'

/** Of feathers and bare skin. */
export const EMISSIVITY = 0.96
/** The sensor's own warmth above that of an open house around it, °C. */
const OWN_WARMTH_C = 8

/** A thermal camera as the installer set it: how often, and what it looks at. `assumes` is the camera's own emissivity. */
export function asConfigured(
  definition: ThermalDefinition,
  config: DeviceConfig,
  assumes: number,
): ThermalDefinition {
  const { thermal } = config
  const often = asOften(config, definition)
  if (!thermal) return often
  const { emissivity = EMISSIVITY, deviceEmissivity = assumes } = thermal
  const toSample = (sample: ThermalSample): ThermalSample => {
    const houseC = sample.ambientCentiC === NO_AMBIENT ? undefined : sample.ambientCentiC / 100 - OWN_WARMTH_C
    const reflectedC = thermal.reflectedC ?? houseC
    if (reflectedC === undefined) return sample
    const assumed = { emissivity: deviceEmissivity, reflectedC: houseC ?? reflectedC }
    const actual = { emissivity, reflectedC }
    return {
      ...sample,
      centiC: sample.centiC.map((centi) =>
        Math.max(-27_315, Math.min(32_767, Math.round(100 * forSurface(centi / 100, assumed, actual)))),
      ),
    }
  }
  return { ...often, createFramer: () => mapFramer(definition.createFramer(), toSample) }
}

export function asOften({ picture }: DeviceConfig, definition: ThermalDefinition): ThermalDefinition {
  return picture?.everyS === undefined ? definition : { ...definition, everyMs: picture.everyS * 1000 }
}
