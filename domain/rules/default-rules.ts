import { targetTemperatureByAgeC } from '../climate-targets.ts'
import { MINUTE, SECOND } from '../time.ts'
import type { Limit, Rule } from './rule.ts'

const CLIMATE_SOURCE = 'target by age near 60 % humidity: Ross Pocket Guide, after Mitchell; margin: own'
const OWN = 'own: a fact, not a limit'
/** Ages at which the guide names a target; straight lines between, from day 27 on it stays. */
const guideDays = [0, 3, 6, 9, 12, 15, 18, 21, 24, 27] as const

/** The target air temperature by age, moved by so many °C. */
function targetPlus(offsetC: number): Limit {
  return guideDays.map((day) => ({
    day,
    value: Math.round(((targetTemperatureByAgeC(day) ?? Number.NaN) + offsetC) * 10) / 10,
  }))
}

/**
 * The rules that every house starts with. Sensors outside have metrics of their own (`outside.*`), so none of
 * these judges them.
 */
export function defaultRules(): Rule[] {
  return [
    {
      id: 'air-hot',
      metric: 'air.temperature',
      condition: { kind: 'above', limit: targetPlus(5), hysteresis: 0.5 },
      forMs: 60 * SECOND,
      severity: 'critical',
      siren: true,
      source: CLIMATE_SOURCE,
    },
    {
      id: 'air-hot-warning',
      metric: 'air.temperature',
      condition: { kind: 'above', limit: targetPlus(3), hysteresis: 0.5 },
      forMs: 5 * MINUTE,
      severity: 'warning',
      siren: false,
      source: CLIMATE_SOURCE,
    },
    {
      id: 'air-cold',
      metric: 'air.temperature',
      condition: { kind: 'below', limit: targetPlus(-4), hysteresis: 0.5 },
      forMs: 10 * MINUTE,
      severity: 'warning',
      siren: false,
      source: CLIMATE_SOURCE,
    },
    {
      id: 'heat-rise',
      metric: 'air.temperature',
      condition: { kind: 'rate', change: 3, withinMs: 10 * MINUTE },
      forMs: 0,
      clearForMs: 5 * MINUTE,
      severity: 'critical',
      siren: true,
      source:
        'own: broilers live 20 to 30 minutes above 36 °C in still air, so a fast rise counts before the limit',
    },
    {
      id: 'nh3-high',
      metric: 'air.nh3',
      condition: { kind: 'above', limit: 10, hysteresis: 1 },
      forMs: 15 * MINUTE,
      severity: 'warning',
      siren: false,
      source: 'AviagenBrief 2018: below 10 ppm',
    },
    {
      id: 'nh3-limit',
      metric: 'air.nh3',
      condition: { kind: 'above', limit: 20, hysteresis: 2 },
      forMs: 2 * MINUTE,
      severity: 'critical',
      siren: true,
      source: 'Directive 2007/43/EC Annex II.3: at most 20 ppm at bird head height',
    },
    {
      id: 'co2-limit',
      metric: 'air.co2',
      condition: { kind: 'above', limit: 3000, hysteresis: 200 },
      forMs: 5 * MINUTE,
      severity: 'warning',
      siren: false,
      source: 'Directive 2007/43/EC Annex II.3: at most 3000 ppm at bird head height',
    },
    {
      id: 'fan-stopped',
      metric: 'fan.running',
      condition: { kind: 'below', limit: 0.5, hysteresis: 0 },
      forMs: 10 * SECOND,
      severity: 'critical',
      siren: true,
      source: OWN,
    },
    {
      id: 'mains-lost',
      metric: 'power.mains',
      condition: { kind: 'below', limit: 0.5, hysteresis: 0 },
      forMs: 10 * SECOND,
      severity: 'critical',
      siren: true,
      source: OWN,
    },
    {
      id: 'climate-silent',
      metric: 'air.temperature',
      condition: { kind: 'silent', afterMs: 5 * MINUTE },
      forMs: 0,
      severity: 'critical',
      siren: false,
      source: 'own: five values in a row have not come; what is not measured cannot be judged',
    },
    // The contacts of the fan and of the mains sit on one board: a dead one is one alarm, told by the fan's.
    {
      id: 'relay-silent',
      metric: 'fan.running',
      condition: { kind: 'silent', afterMs: 5 * MINUTE },
      forMs: 0,
      severity: 'critical',
      siren: false,
      source: 'own: the board that watches fan and mains and sounds the siren says nothing',
    },
    {
      id: 'nh3-silent',
      metric: 'air.nh3',
      condition: { kind: 'silent', afterMs: 10 * MINUTE },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: ten values in a row have not come; litter gives off ammonia slowly, heat is faster',
    },
    {
      id: 'feed-low',
      metric: 'feed.hours-left',
      condition: { kind: 'below', limit: 24, hysteresis: 6 },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'what other systems warn at (MTech Sonar: feed runs out in less than 24 h)',
    },
    // Of devices that no rule above watches for silence: one cause, one alarm.
    {
      id: 'device-silent',
      metric: 'device.silent',
      condition: { kind: 'above', limit: 0.5, hysteresis: 0 },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: it has said nothing for far longer than it usually does',
    },
    {
      id: 'device-stuck',
      metric: 'device.stuck',
      condition: { kind: 'above', limit: 0.5, hysteresis: 0 },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: a sensor in use breathes in its last digit (domain/stuck.ts)',
    },
    // Radio sensors say it a few times a day, so one value has to do.
    {
      id: 'battery-low',
      metric: 'device.battery',
      condition: { kind: 'below', limit: 15, hysteresis: 5 },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: weeks for a radio sensor, minutes for a UPS',
    },
    // While the bridge lives it says so itself; the next one is for a bridge that is gone.
    {
      id: 'camera-lost',
      metric: 'camera.live',
      condition: { kind: 'below', limit: 0.5, hysteresis: 0 },
      forMs: 2 * MINUTE,
      severity: 'warning',
      siren: false,
      source: 'own: a camera that restarts is back within two minutes',
    },
    {
      id: 'camera-silent',
      metric: 'camera.live',
      condition: { kind: 'silent', afterMs: 5 * MINUTE },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: five values in a row have not come; what it last showed is not what there is',
    },
    {
      id: 'thermal-silent',
      metric: 'thermal.max',
      condition: { kind: 'silent', afterMs: 10 * MINUTE },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: as long as for a gas sensor; the air sensors watch the heat meanwhile',
    },
    {
      id: 'sound-silent',
      metric: 'sound.level',
      condition: { kind: 'silent', afterMs: 10 * MINUTE },
      forMs: 0,
      severity: 'warning',
      siren: false,
      source: 'own: ten values in a row have not come',
    },
  ]
}
