import type { ModbusDefinition } from './definition.ts'
import { profileDevice } from './profile-device.ts'

/** Energy and water. Counters go on where they stood after a power cut; ours keep only differences. */
export const meters: readonly ModbusDefinition[] = [
  profileDevice({
    model: 'sdm120',
    title: { zh: 'Eastron SDM120 / SDM320 单相电表', en: 'Eastron SDM120, SDM320 single-phase energy meter' },
    source: 'Eastron SDM120-M user manual V1.0, SDM320C user manual V1.2, input registers',
    baudRate: 9600,
    fields: [
      { name: 'power', metric: 'power.active', fc: 4, address: 0x000c, type: 'float32' },
      { name: 'energy', metric: 'power.energy', fc: 4, address: 0x0156, type: 'float32' },
    ],
  }),
  // A reed contact of a water meter on input 0. Litres for each pulse: `scales: { water: 10 }`.
  profileDevice({
    model: 'adam-counter',
    title: {
      zh: '研华 ADAM-6051/6060 脉冲计数（水表）',
      en: 'Advantech ADAM-6051, ADAM-6060 counting pulses of a water meter',
    },
    source: 'Advantech ADAM-6000 series manual ed. 9, appendix B.2: 40001 counter of input 0, low word first',
    fields: [{ name: 'water', metric: 'water.volume', address: 0, type: 'uint32', order: 'CDAB' }],
  }),
]
