import type { UpsDefinition } from './definition.ts'

/**
 * Whatever NUT has a driver for, by the names that NUT gives to all of them (nut-names.txt). `ups.status` is a
 * list of words: OL on line, OB on battery; a simulated or calibrating UPS may say neither.
 */
export const ups: UpsDefinition = {
  kind: 'ups',
  model: 'ups',
  title: { zh: '不间断电源（经 NUT）', en: 'UPS through NUT' },
  fields: [
    { name: 'mains', metric: 'power.mains', variable: 'ups.status', decode: mainsOf },
    { name: 'charge', metric: 'device.battery', variable: 'battery.charge', decode: Number },
    { name: 'runtime', metric: 'power.runtime', variable: 'battery.runtime', decode: (s) => Number(s) / 60 },
    { name: 'power', metric: 'power.active', variable: 'ups.realpower', decode: Number },
  ],
  troubleOf(status) {
    const words = status.split(' ')
    if (words.includes('RB')) return 'its battery wants to be replaced'
    if (words.includes('LB')) return 'its battery is nearly empty'
    if (words.includes('OVER')) return 'it carries more than it can'
    return undefined
  },
}

function mainsOf(status: string): number | undefined {
  const words = status.split(' ')
  if (words.includes('OB')) return 0
  return words.includes('OL') ? 1 : undefined
}
