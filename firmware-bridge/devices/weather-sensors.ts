import type { ModbusDefinition } from './definition.ts'
import { profileDevice } from './profile-device.ts'

/** What stands outside of the house. */
export const weatherSensors: readonly ModbusDefinition[] = [
  profileDevice({
    model: 'weather-mini',
    title: { zh: '微型气象站（风速）', en: 'Mini weather station (wind speed)' },
    source: 'ComWinTop JS example: wind speed first of 501 … 506, there counted from 1',
    fields: [
      {
        name: 'wind-speed',
        metric: 'outside.wind-speed',
        address: 0x01f4,
        type: 'uint16',
        scale: 0.01,
        invalid: [0xffff],
      },
    ],
  }),
  profileDevice({
    model: 'wind-direction',
    title: { zh: '风向传感器', en: 'Wind direction sensor' },
    source: 'summation2009/Modbus-sensor EX_WINDDIR-485: 0x0000 the eighth of the compass, 0x0001 degrees',
    fields: [{ name: 'wind-direction', metric: 'outside.wind-direction', address: 1, type: 'uint16' }],
    reads: [{ fc: 3, address: 0, count: 2 }],
  }),
]
