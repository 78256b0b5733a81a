import type { ScaleDay, WeighedDay, WeighingView } from '#domain/api/weighing.ts'
import { dayAfter, HOUR, localDay, startOfLocalDay } from '#domain/time.ts'

const zone = 'Asia/Shanghai'

/** A day with everything that the page must show: sexes apart, a hand weighing, a fault, an old calibration. */
export function weighing(now: number, ageDays: number, isTrouble: boolean): WeighingView {
  const day = localDay(now, zone)
  const from = startOfLocalDay(day, zone)
  const to = startOfLocalDay(dayAfter(day, 1), zone)
  const mean = weighedDay(962)
  const daysBefore = Array.from({ length: 12 }, (_, index) => ({
    day: dayAfter(day, index - 12),
    ageDays: ageDays + index - 12,
    meanG: 962 - 62 * (12 - index),
  }))
  return {
    day,
    from,
    to,
    ageDays,
    scales: [
      scaleDay('scale-1', from, mean),
      ...(isTrouble
        ? [
            {
              ...scaleDay('scale-2', from, weighedDay(905)),
              strayPercent: -5.9,
              calibrationDue: 'zero-drifted' as const,
              zeroG: 240,
              faults: [
                { fault: 'zero-moved' as const, t: [from + 7 * HOUR, from + 9 * HOUR] },
                { fault: 'silent' as const, t: [from + 11 * HOUR] },
              ],
            },
          ]
        : []),
    ],
    house: mean,
    notEnough: null,
    hand: {
      birds: 60,
      meanG: 971.5,
      merged: { meanG: 963.8, low: 950.2, high: 977.4, handPercent: 19, disagree: false },
    },
    days: [...daysBefore, { day, ageDays, meanG: 963.8 }],
    gainG: 61.8,
    breed: { sex: 'as-hatched', deviationPercent: -4.8, weightAgeDays: 20.2 },
    placementDoubtDays: isTrouble ? -3 : null,
    market: { marketG: 2500, ageDays: 37.4, low: 36.8, high: 38.1, day: dayAfter(day, 16) },
    ahead: Array.from({ length: 14 }, (_, index) => ({
      day: dayAfter(day, index + 1),
      ageDays: ageDays + index + 1,
      meanG: 1030 + 74 * index,
      low: 1012 + 72 * index,
      high: 1048 + 76 * index,
    })),
    performance: { feedKg: 25_400, feedConversion: 1.331, epef: 339 },
  }
}

function weighedDay(meanG: number): WeighedDay {
  const counts = [1, 2, 4, 9, 16, 28, 41, 52, 47, 38, 29, 31, 26, 17, 9, 4, 2, 1]
  return {
    n: counts.reduce((sum, count) => sum + count, 0),
    birds: 231,
    meanG,
    low: meanG - 14.2,
    high: meanG + 14.2,
    sdG: 92.4,
    cvPercent: 9.6,
    u10Percent: 70.2,
    u15Percent: 88.1,
    plainG: meanG - 11.4,
    corrections: { timeOfDayG: 1.8, partlyOnG: 4.1, visitBiasG: 5.5 },
    histogram: { fromG: 620, widthG: 38, counts },
    sexes: { lightG: 905, heavyG: 1031, heavyPercent: 46 },
  }
}

function scaleDay(device: string, from: number, mean: WeighedDay): ScaleDay {
  const spread = (count: number, index: number) => from + Math.round((4 + (18 * index) / count) * HOUR)
  const points = (count: number, grams: (index: number) => number) => ({
    t: Array.from({ length: count }, (_, index) => spread(count, index)),
    grams: Array.from({ length: count }, (_, index) => Math.round(grams(index))),
  })
  return {
    device,
    mean,
    notEnough: null,
    taken: points(mean.n, (index) => mean.meanG * (1 + 0.2 * Math.sin(index * 12.9898))),
    refused: [
      { reason: 'several', ...points(31, (index) => mean.meanG * (1.8 + 0.3 * Math.sin(index * 7))) },
      { reason: 'too-light', ...points(18, (index) => mean.meanG * (0.4 + 0.2 * Math.sin(index * 5))) },
      { reason: 'repeat', ...points(40, (index) => mean.meanG * (1 + 0.1 * Math.sin(index * 3))) },
    ],
    faults: [],
    calibration: {
      id: '00000000-0000-4000-8000-000000000042',
      device,
      emptyLoad: 84,
      massLoad: 5112,
      massG: 5000,
      at: from - 12 * 24 * HOUR,
      by: 'Li Wei',
      receivedAt: from - 12 * 24 * HOUR,
      gramsPerLoad: 5000 / 5028,
    },
    calibrationDue: null,
    zeroG: 12,
    strayPercent: null,
  }
}
