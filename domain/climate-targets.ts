import type { Confidence } from './formulas/confidence.ts'
import { isWithin, percentRange, type Range } from './formulas/valid-range.ts'
import type { MetricId } from './metrics.ts'

/**
 * What the air of a broiler house should be. As in the formulas, inputs outside their range give `undefined`;
 * the guide's tables may be held at their edge, and then the answer says so.
 */

/** A chick from the smallest eggs to the heaviest broiler, g. */
const targetWeightRange: Range = [30, 6000]
const ageRange: Range = [0, 100]
/** Outside temperatures for which the minimum ventilation holds, °C. */
const minimumVentilationOutsideRange: Range = [-1, 16]

/**
 * Target air temperature, °C, by body weight g, for each relative humidity %. Ross Pocket Guide, after Mitchell.
 * Confidence: verified through a transcription. The last weight is printed as 1530 g and more.
 */
// biome-ignore format: one line for each humidity of the guide
const weightCurves: readonly (readonly [humidityPercent: number, curve: readonly Point[]])[] = [
  [40, [[44, 36.0], [100, 33.7], [180, 32.5], [290, 31.3], [425, 30.2], [590, 29.0], [790, 27.7], [1015, 26.9], [1260, 25.7], [1530, 24.8]]],
  [50, [[44, 33.2], [100, 31.2], [180, 29.9], [290, 28.6], [425, 27.8], [590, 26.8], [790, 25.5], [1015, 24.7], [1260, 23.5], [1530, 22.7]]],
  [60, [[44, 30.8], [100, 28.9], [180, 27.7], [290, 26.7], [425, 25.7], [590, 24.8], [790, 23.6], [1015, 22.7], [1260, 21.7], [1530, 20.7]]],
  [70, [[44, 29.2], [100, 27.3], [180, 26.0], [290, 25.0], [425, 24.0], [590, 23.0], [790, 21.9], [1015, 21.3], [1260, 20.2], [1530, 19.3]]],
]
const tableHumidityRange: Range = [40, 70]
const LIGHTEST_IN_TABLE_G = 44

/** Age, days, and target °C near 60 % humidity: the column above at the ages of its weights. Confidence: derived. */
const temperatureByAge: readonly Point[] = [
  [0, 30.8],
  [3, 28.9],
  [6, 27.7],
  [9, 26.7],
  [12, 25.7],
  [15, 24.8],
  [18, 23.6],
  [21, 22.7],
  [24, 21.7],
  [27, 20.7],
]

/** Live weight g and m³/h per bird. AviagenBrief 2018, confidence: verified. */
// biome-ignore format: two short columns read better side by side
const minimumVentilationByWeight: readonly Point[] = [
  [50, 0.08], [100, 0.141], [150, 0.208], [200, 0.258], [250, 0.305], [300, 0.35], [350, 0.393],
  [400, 0.435], [450, 0.475], [500, 0.514], [550, 0.552], [600, 0.589], [650, 0.625], [700, 0.661],
  [750, 0.696], [800, 0.731], [850, 0.765], [900, 0.798], [950, 0.831], [1000, 0.864], [1100, 0.928],
  [1200, 0.991], [1300, 1.052], [1400, 1.112], [1500, 1.171], [1600, 1.229], [1700, 1.286], [1800, 1.343],
  [1900, 1.398], [2000, 1.453], [2200, 1.561], [2400, 1.666], [2600, 1.769], [2800, 1.87], [3000, 1.969],
  [3200, 2.067], [3400, 2.163], [3600, 2.258], [3800, 2.352], [4000, 2.444], [4200, 2.535], [4400, 2.625],
]

const minimumVentilationWeightRange: Range = [50, 4400]

export type TargetTemperature = {
  airC: number
  /** The table ends at 40 and 70 %: the value is that of the nearer end. */
  isHumidityClamped: boolean
  /** A chick lighter than the table's first, held at 44 g. */
  isWeightClamped: boolean
}

/** Target air temperature at bird height, from body weight g (30 … 6000) and relative humidity % (0 … 100). */
export function targetTemperature(weightG: number, humidityPercent: number): TargetTemperature | undefined {
  if (!isWithin(weightG, targetWeightRange) || !isWithin(humidityPercent, percentRange)) return undefined
  const byHumidity = weightCurves.map(
    ([humidity, curve]): Point => [humidity, interpolateHeld(curve, weightG)],
  )
  return {
    airC: interpolateHeld(byHumidity, humidityPercent),
    isHumidityClamped: !isWithin(humidityPercent, tableHumidityRange),
    isWeightClamped: weightG < LIGHTEST_IN_TABLE_G,
  }
}

/**
 * Target air temperature, °C, by age in days (0 … 100) where the weight is not known: near 60 % humidity,
 * birds on the Ross 308 curve. From day 27 on it stays.
 */
export function targetTemperatureByAgeC(ageDays: number): number | undefined {
  return isWithin(ageDays, ageRange) ? interpolateHeld(temperatureByAge, ageDays) : undefined
}

export type MinimumVentilation = {
  m3PerHourPerBird: number
  /** Lighter than 50 g or heavier than 4400 g: the value is that of the table's end. */
  isWeightClamped: boolean
}

/**
 * Least fresh air that keeps it fit to breathe, by live weight g (30 … 6000). Holds at −1 … 16 °C outside;
 * undefined when `outsideC` is given and lies beyond.
 */
export function minimumVentilation(weightG: number, outsideC?: number): MinimumVentilation | undefined {
  if (!isWithin(weightG, targetWeightRange)) return undefined
  if (outsideC !== undefined && !isWithin(outsideC, minimumVentilationOutsideRange)) return undefined
  return {
    m3PerHourPerBird: interpolateHeld(minimumVentilationByWeight, weightG),
    isWeightClamped: !isWithin(weightG, minimumVentilationWeightRange),
  }
}

type Point = readonly [x: number, y: number]

/** Straight between points of rising x, level beyond both ends. */
function interpolateHeld(points: readonly Point[], x: number): number {
  let before: Point | undefined
  for (const after of points) {
    if (x <= after[0]) {
      if (!before) return after[1]
      return before[1] + ((after[1] - before[1]) * (x - before[0])) / (after[0] - before[0])
    }
    before = after
  }
  return before?.[1] ?? Number.NaN
}

type Text = { en: string; zh: string }

/** A limit that somebody published. What a house alarms at is its own choice; these say where a number comes from. */
export type CitedLimit = {
  quantity:
    | MetricId
    | 'air.co'
    | 'air.temperature.above-outside'
    | 'deaths.percent-per-day'
    | 'deaths.percent-per-week'
    | 'deaths.times-normal'
    | 'intake.drop'
    | 'eggs.drop'
    | 'thi.marai'
  /** Whether the limit is the most or the least that is allowed. */
  side: 'above' | 'below'
  value: number
  unit: string
  /** For how long, or under which conditions. */
  condition?: Text
  appliesTo: Text
  source: string
  confidence: Confidence
}

const denseBroilers: Text = { en: 'broilers above 33 kg/m² (EU)', zh: '饲养密度高于 33 kg/m² 的肉鸡（欧盟）' }
const broilers: Text = { en: 'broilers', zh: '肉鸡' }
const chicks: Text = { en: 'chicks (China)', zh: '雏禽（中国）' }
const grownBirds: Text = { en: 'grown birds (China)', zh: '成禽（中国）' }
const frenchFlocks: Text = { en: 'flocks above 250 birds (France)', zh: '250 只以上的禽群（法国）' }
const frenchLayers: Text = { en: 'layers (France)', zh: '蛋鸡（法国）' }
const atHeadHeight: Text = { en: 'at any time, at bird-head height', zh: '任何时候，禽头高度处' }
const twoDays: Text = { en: 'on two days in a row', zh: '连续两天' }
const atOnce: Text = { en: 'at once', zh: '立即' }

const EU_DENSE = 'Directive 2007/43/EC Annex II.3'
const ROSS_GUIDE = 'Ross Pocket Guide'
const ELBERS = 'Elbers et al. 2007, Avian Dis 51:304-308'
const FRANCE = 'Arrêté JORFARTI000048111004'
/** Values as quoted by 家禽科学 2015(7):48. */
const NY_T_388 = 'NY/T 388-1999'

// biome-ignore format: one line for each limit
export const citedLimits: readonly CitedLimit[] = [
  { quantity: 'air.nh3', side: 'above', value: 20, unit: 'ppm', condition: atHeadHeight, appliesTo: denseBroilers, source: EU_DENSE, confidence: 'verified' },
  { quantity: 'air.nh3', side: 'above', value: 10, unit: 'ppm', appliesTo: broilers, source: 'AviagenBrief 2018', confidence: 'verified' },
  { quantity: 'air.nh3', side: 'above', value: 10, unit: 'mg/m³', appliesTo: chicks, source: NY_T_388, confidence: 'secondhand' },
  { quantity: 'air.nh3', side: 'above', value: 15, unit: 'mg/m³', appliesTo: grownBirds, source: NY_T_388, confidence: 'secondhand' },
  { quantity: 'air.h2s', side: 'above', value: 2, unit: 'mg/m³', appliesTo: chicks, source: NY_T_388, confidence: 'secondhand' },
  { quantity: 'air.h2s', side: 'above', value: 10, unit: 'mg/m³', appliesTo: grownBirds, source: NY_T_388, confidence: 'secondhand' },
  { quantity: 'air.co2', side: 'above', value: 3000, unit: 'ppm', condition: atHeadHeight, appliesTo: denseBroilers, source: EU_DENSE, confidence: 'verified' },
  { quantity: 'air.co2', side: 'above', value: 3500, unit: 'ppm', condition: { en: 'risk of ascites', zh: '腹水症风险' }, appliesTo: broilers, source: ROSS_GUIDE, confidence: 'verified' },
  { quantity: 'air.co', side: 'above', value: 10, unit: 'ppm', condition: { en: 'ideal maximum', zh: '理想上限' }, appliesTo: broilers, source: ROSS_GUIDE, confidence: 'verified' },
  { quantity: 'air.co', side: 'above', value: 50, unit: 'ppm', condition: { en: 'harms health', zh: '危害健康' }, appliesTo: broilers, source: ROSS_GUIDE, confidence: 'verified' },
  { quantity: 'air.temperature.above-outside', side: 'above', value: 3, unit: '°C', condition: { en: 'while it is above 30 °C outside in the shade', zh: '室外阴凉处高于 30 °C 时' }, appliesTo: denseBroilers, source: EU_DENSE, confidence: 'verified' },
  { quantity: 'air.humidity', side: 'above', value: 70, unit: '%', condition: { en: 'mean of 48 h while it is below 10 °C outside', zh: '室外低于 10 °C 时的 48 小时平均' }, appliesTo: denseBroilers, source: EU_DENSE, confidence: 'verified' },
  { quantity: 'light', side: 'below', value: 20, unit: 'lx', condition: { en: 'in the light period, at bird-eye level', zh: '光照期内，禽眼高度处' }, appliesTo: { en: 'broilers (EU)', zh: '肉鸡（欧盟）' }, source: 'Directive 2007/43/EC Annex I.6', confidence: 'verified' },
  { quantity: 'deaths.percent-per-day', side: 'above', value: 0.5, unit: '%', condition: twoDays, appliesTo: { en: 'broilers, organic layers, turkeys to 11 weeks', zh: '肉鸡、有机蛋鸡、11 周龄以内火鸡' }, source: ELBERS, confidence: 'verified' },
  { quantity: 'deaths.percent-per-day', side: 'above', value: 0.25, unit: '%', condition: twoDays, appliesTo: { en: 'caged layers', zh: '笼养蛋鸡' }, source: ELBERS, confidence: 'verified' },
  { quantity: 'deaths.percent-per-day', side: 'above', value: 1, unit: '%', condition: twoDays, appliesTo: { en: 'turkeys from 16 weeks', zh: '16 周龄以上火鸡' }, source: ELBERS, confidence: 'verified' },
  { quantity: 'deaths.percent-per-week', side: 'above', value: 3, unit: '%', appliesTo: { en: 'poultry (Netherlands, epidemic of 2003)', zh: '家禽（荷兰，2003 年疫情）' }, source: 'Sci Rep 2018 s41598-018-26954-9', confidence: 'verified' },
  { quantity: 'deaths.times-normal', side: 'above', value: 3, unit: '×', condition: atOnce, appliesTo: frenchFlocks, source: FRANCE, confidence: 'verified' },
  { quantity: 'intake.drop', side: 'above', value: 25, unit: '%', condition: { en: 'water or feed, against the day before', zh: '饮水或采食量，与前一天相比' }, appliesTo: frenchFlocks, source: FRANCE, confidence: 'verified' },
  { quantity: 'eggs.drop', side: 'above', value: 15, unit: '%', condition: { en: 'in one day', zh: '一天内' }, appliesTo: frenchLayers, source: FRANCE, confidence: 'verified' },
  { quantity: 'eggs.drop', side: 'above', value: 5, unit: '%', condition: { en: 'a day, on three days in a row', zh: '每天，连续三天' }, appliesTo: frenchLayers, source: FRANCE, confidence: 'verified' },
  { quantity: 'thi.marai', side: 'above', value: 26, unit: '°C', condition: { en: 'heat stress begins', zh: '开始热应激' }, appliesTo: broilers, source: 'Duduyemi & Oseni 2012', confidence: 'secondhand' },
  { quantity: 'thi.marai', side: 'above', value: 29, unit: '°C', condition: { en: 'severe heat stress', zh: '严重热应激' }, appliesTo: broilers, source: 'Duduyemi & Oseni 2012', confidence: 'secondhand' },
]
