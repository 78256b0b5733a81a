import { and } from './and.ts'
import type { DeviceDefinition } from './definition.ts'
import { gyMcu90640 } from './gy-mcu90640.ts'
import { lineScale } from './line-scale.ts'
import { louverShield } from './louver-shield.ts'
import { toledos } from './mettler-toledo.ts'
import { nh3x1, nh3x10 } from './nh3.ts'
import { relay8ch } from './relay-8ch.ts'
import { xk3190, xk3190a12, xk3190f1, xk3190f2 } from './xk3190.ts'

/** Every device behind the bridge. A new one is one file and one line here. */
export const devices: readonly DeviceDefinition[] = [
  xk3190,
  xk3190f1,
  xk3190f2,
  xk3190a12,
  ...toledos,
  and,
  lineScale,
  louverShield,
  nh3x1,
  nh3x10,
  relay8ch,
  gyMcu90640,
]

const byModel = new Map(devices.map((definition) => [definition.model, definition]))

/** Undefined when no definition has this name. */
export function findDevice(model: string): DeviceDefinition | undefined {
  return byModel.get(model)
}
