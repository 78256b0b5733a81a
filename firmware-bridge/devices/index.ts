import { airSensors } from './air-sensors.ts'
import { and } from './and.ts'
import { camera } from './camera.ts'
import type { DeviceDefinition } from './definition.ts'
import { gasSensors } from './gas-sensors.ts'
import { gyMcu90640 } from './gy-mcu90640.ts'
import { hikvisionThermal } from './hikvision-thermal.ts'
import { leptons } from './leptons.ts'
import { lineScale } from './line-scale.ts'
import { meters } from './meters.ts'
import { toledos } from './mettler-toledo.ts'
import { microphone } from './microphone.ts'
import { mlx90640Raw } from './mlx90640-raw.ts'
import { relay8ch } from './relay-8ch.ts'
import { ups } from './ups.ts'
import { weatherSensors } from './weather-sensors.ts'
import { xk3190, xk3190a12, xk3190f1, xk3190f2 } from './xk3190.ts'

/** Every device that the bridge knows by itself. A new one is one definition and one line here. */
export const devices: readonly DeviceDefinition[] = [
  xk3190,
  xk3190f1,
  xk3190f2,
  xk3190a12,
  ...toledos,
  and,
  lineScale,
  ...airSensors,
  ...gasSensors,
  ...weatherSensors,
  ...meters,
  relay8ch,
  ups,
  gyMcu90640,
  mlx90640Raw,
  ...leptons,
  hikvisionThermal,
  camera,
  microphone,
]

/** The devices that one bridge knows: those above, and the installer's own profiles. */
export type Catalogue = {
  devices: readonly DeviceDefinition[]
  /** Undefined when no definition has this name. */
  find(model: string): DeviceDefinition | undefined
}

export function createCatalogue(own: readonly DeviceDefinition[] = []): Catalogue {
  const all = [...devices, ...own]
  const byModel = new Map(all.map((definition) => [definition.model, definition]))
  return { devices: all, find: (model) => byModel.get(model) }
}

export const findDevice = createCatalogue().find
