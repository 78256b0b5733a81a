import type { ModbusDefinition } from './definition.ts'
import { profileDevice } from './profile-device.ts'

/** Temperature, humidity, CO2, light and dust. Mind that makers swap temperature and humidity. */
export const airSensors: readonly ModbusDefinition[] = [
  // White louver shields, sold as SN-, RS-, CWT-, LTHCO2, PMTHCO2. What a shield does not have reads 0 or a fault.
  profileDevice({
    model: 'louver-shield',
    title: { zh: '百叶箱温湿度 CO₂ 光照传感器', en: 'Louver-shield T/RH/CO2/light sensor' },
    source: 'summation2009/Modbus-sensor EX_LTHCO2-485-OD',
    fields: [
      { name: 'humidity', metric: 'air.humidity', address: 0, type: 'uint16', scale: 0.1 },
      { name: 'temperature', metric: 'air.temperature', address: 1, type: 'int16', scale: 0.1 },
      { name: 'co2', metric: 'air.co2', address: 5, type: 'uint16' },
      { name: 'light', metric: 'light', address: 7, type: 'uint16' },
    ],
  }),
  profileDevice({
    model: 'louver-dust',
    title: { zh: '百叶箱颗粒物温湿度 CO₂ 传感器', en: 'Louver-shield dust/T/RH/CO2 sensor' },
    source: 'summation2009/Modbus-sensor EX_PMTHCO2-OD',
    fields: [
      { name: 'humidity', metric: 'air.humidity', address: 0, type: 'uint16', scale: 0.1 },
      { name: 'temperature', metric: 'air.temperature', address: 1, type: 'int16', scale: 0.1 },
      { name: 'pm2-5', metric: 'air.pm2-5', address: 3, type: 'uint16' },
      { name: 'pm10', metric: 'air.pm10', address: 4, type: 'uint16' },
      { name: 'co2', metric: 'air.co2', address: 5, type: 'uint16' },
    ],
  }),
  profileDevice({
    model: 'louver-co2',
    title: { zh: '二氧化碳传感器', en: 'CO2 sensor of the louver-shield family' },
    source: 'summation2009/Modbus-sensor EX_LTHCO2-485-OD',
    fields: [{ name: 'co2', metric: 'air.co2', address: 5, type: 'uint16' }],
  }),
  profileDevice({
    model: 'cwt-light',
    title: { zh: '温湿度光照传感器（ComWinTop）', en: 'ComWinTop T/RH/light sensor' },
    source: 'ComWinTop JS example, registers there counted from 1',
    fields: [
      { name: 'humidity', metric: 'air.humidity', address: 0, type: 'uint16', scale: 0.1 },
      { name: 'temperature', metric: 'air.temperature', address: 1, type: 'int16', scale: 0.1 },
      // The 200 klx type counts hundreds: `scales: { light: 100 }`.
      { name: 'light', metric: 'light', address: 6, type: 'uint16', invalid: [0xffff] },
    ],
  }),
  profileDevice({
    model: 'xy-md02',
    title: { zh: 'XY-MD02 温湿度传感器（SHT20）', en: 'XY-MD02 T/RH sensor (SHT20)' },
    source: 'nobrega8/mbmap-library',
    fields: [
      { name: 'temperature', metric: 'air.temperature', fc: 4, address: 1, type: 'int16', scale: 0.1 },
      { name: 'humidity', metric: 'air.humidity', fc: 4, address: 2, type: 'uint16', scale: 0.1 },
    ],
  }),
  profileDevice({
    model: 'r444a01',
    title: { zh: 'R444A01 温湿度传感器', en: 'R444A01 T/RH sensor' },
    source: 'seller’s register table; the order is the opposite of a louver shield’s',
    fields: [
      { name: 'temperature', metric: 'air.temperature', address: 0, type: 'int16', scale: 0.1 },
      { name: 'humidity', metric: 'air.humidity', address: 1, type: 'uint16', scale: 0.1 },
    ],
  }),
]
