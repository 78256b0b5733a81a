import type { MetricId } from '#domain/metrics.ts'
import type { ModbusDefinition } from './definition.ts'
import { profileDevice } from './profile-device.ts'

/**
 * Gas and pressure transmitters with one value in one register. Makers differ in the scale, some in the
 * register, and none of it can be asked for: so it is part of the model's name.
 */
type Variant = { metric: MetricId; name: string; zh: string; en: string; type: 'int16' | 'uint16' }

const nh3: Variant = {
  metric: 'air.nh3',
  name: 'nh3',
  zh: '氨气传感器',
  en: 'Ammonia sensor',
  type: 'uint16',
}
const h2s: Variant = {
  metric: 'air.h2s',
  name: 'h2s',
  zh: '硫化氢传感器',
  en: 'Hydrogen sulphide sensor',
  type: 'uint16',
}
const pressure: Variant = {
  metric: 'air.static-pressure',
  name: 'static-pressure',
  zh: '静压变送器',
  en: 'Static pressure transmitter',
  type: 'int16',
}

const variant = ({ metric, name, zh, en, type }: Variant, perUnit: 1 | 10, address = 0): ModbusDefinition => {
  const where = address === 0 ? '' : ` @${address}`
  return profileDevice({
    model: `${name}-x${perUnit}${address === 0 ? '' : `-r${address}`}`,
    title: { zh: `${zh}（× ${perUnit}${where}）`, en: `${en} (× ${perUnit}${where})` },
    source: 'Renke RS-NH3 and alike, as recalled: compare with the display',
    fields: [{ name, metric, address, type, scale: 1 / perUnit }],
  })
}

export const gasSensors: readonly ModbusDefinition[] = [
  variant(nh3, 1),
  variant(nh3, 10),
  variant(nh3, 1, 2),
  variant(nh3, 10, 2),
  variant(h2s, 1),
  variant(h2s, 10),
  variant(pressure, 1),
  variant(pressure, 10),
]
