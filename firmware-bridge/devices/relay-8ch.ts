import { bit, modbusDevice } from './fields.ts'

/**
 * Relay board with eight relays and eight opto-isolated inputs. FC01 coils 0–7, FC05 writes one
 * (FF00 on, 0000 off), FC02 inputs 0–7. Boards of this kind answer only a read of all eight, so that is
 * what is asked. What the coils say is read back: a siren that was told to sound is not one that sounds.
 */
export const relay8ch = modbusDevice({
  model: 'relay-8ch',
  title: { zh: '八路继电器板', en: '8-channel relay board' },
  line: { baudRate: 9600 },
  fields: [
    bit('siren', { metric: 'siren.on', table: 'coil', address: 0 }),
    bit('fan-emergency', { metric: 'fan.emergency', table: 'coil', address: 1 }),
    bit('fan-feedback', { metric: 'fan.running', table: 'discrete', address: 0 }),
    bit('mains', { metric: 'power.mains', table: 'discrete', address: 1 }),
  ],
  reads: [
    { table: 'coil', address: 0, count: 8 },
    { table: 'discrete', address: 0, count: 8 },
  ],
  outputs: { siren: { coil: 0 }, 'fan.emergency': { coil: 1 } },
})
