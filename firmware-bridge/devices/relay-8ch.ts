import { profileDevice } from './profile-device.ts'

/**
 * Relay board with eight relays and eight opto-isolated inputs. FC01 coils 0–7, FC05 writes one
 * (FF00 on, 0000 off), FC02 inputs 0–7. Boards of this kind answer only a read of all eight, so that is
 * what is asked. What the coils say is read back: a siren that was told to sound is not one that sounds.
 */
export const relay8ch = profileDevice({
  model: 'relay-8ch',
  title: { zh: '八路继电器板', en: '8-channel relay board' },
  fields: [
    { name: 'siren', metric: 'siren.on', fc: 1, address: 0 },
    { name: 'fan-emergency', metric: 'fan.emergency', fc: 1, address: 1 },
    { name: 'fan-feedback', metric: 'fan.running', fc: 2, address: 0 },
    { name: 'mains', metric: 'power.mains', fc: 2, address: 1 },
  ],
  reads: [
    { fc: 1, address: 0, count: 8 },
    { fc: 2, address: 0, count: 8 },
  ],
  outputs: { siren: { coil: 0 }, 'fan.emergency': { coil: 1 } },
})
