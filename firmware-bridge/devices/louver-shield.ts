import { int16, modbusDevice, uint16 } from './fields.ts'

/**
 * Multi-parameter sensor in a white louver shield (sold as SN-, RS-, CWT-, LTHCO2, PMTHCO2):
 * FC03, 0x0000 RH × 10, 0x0001 T × 10 (int16), 0x0002–4 particles (not read out), 0x0005 CO2, 0x0007 lux.
 * Source: summation2009/Modbus-sensor EX_LTHCO2-485-OD.
 */
export const louverShield = modbusDevice({
  model: 'louver-shield',
  title: { zh: '百叶箱温湿度 CO₂ 光照传感器', en: 'Louver-shield T/RH/CO2/light sensor' },
  line: { baudRate: 9600 },
  fields: [
    uint16('humidity', { metric: 'air.humidity', address: 0, perUnit: 10 }),
    int16('temperature', { metric: 'air.temperature', address: 1, perUnit: 10 }),
    uint16('co2', { metric: 'air.co2', address: 5 }),
    uint16('light', { metric: 'light', address: 7 }),
  ],
})
