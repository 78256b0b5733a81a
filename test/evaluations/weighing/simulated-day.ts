// One day on one simulated platform: birds land, ring, flap, join each other, sleep, stand half beside it. Waits
// between visits are shortened, so that a day is played in a sixth of its samples; `realT` gives the hour back.
import { createRandom, type Random } from '../../../firmware-bridge/simulator/random.ts'
import type { Bird, SimulatedFlock } from './simulated-flock.ts'
import { simulatedRanges } from './simulated-ranges.ts'

const { platform, visits, flock: flockRanges } = simulatedRanges

export type Platform = ReturnType<typeof drawPlatform>

export function drawPlatform(random: Random) {
  const draw = (range: readonly [number, number]) => random.between(range[0], range[1])
  const rates = platform.samplesPerSecond
  return {
    hz: rates[Math.floor(random.uniform() * rates.length)] as number,
    resonanceHz: draw(platform.resonanceHz),
    damping: draw(platform.damping),
    landingShare: draw(platform.landingShare),
    noiseG: draw(platform.noiseG),
    incrementG: draw(platform.incrementG),
    driftGPerHour: draw(platform.driftGPerHour),
    litterGPerVisit: draw(platform.litterGPerVisit),
    litterLimitG: draw(platform.litterLimitG),
    gain: 1 + draw(platform.gainErrorShare),
    kicksPerDay: draw(platform.kicksPerDay),
    spikesPerHour: draw(platform.spikesPerHour),
    visitsPerDay: draw(visits.perDay),
    stayS: draw(visits.stayS),
    sleepShare: draw(visits.sleepShare),
    joinPerSecond: draw(visits.joinPerSecond),
    pairShare: draw(visits.pairShare),
    hopAgainShare: draw(visits.hopAgainShare),
    partlyShare: draw(visits.partlyShare),
    standingShare: draw(visits.standingShare),
    flapsPerSecond: draw(visits.flapsPerSecond),
    flapShare: draw(visits.flapShare),
    flapS: draw(visits.flapS),
    earlyBias: draw(visits.earlyBias),
    lateBias: draw(visits.lateBias),
    swing: draw(flockRanges.daySwingShare),
    swingPhase: random.between(0, 24),
    lightHours: draw(flockRanges.lightHours),
    /** What it carries over from day to day. */
    offsetG: random.between(-100, 400),
    litterG: 0,
  }
}

/** Drawn once: a normal value for each sample of each bird is most of what a simulation does. */
const NORMALS = 1 << 16
const normals = new Float64Array(NORMALS)
const source = createRandom(1, 'normals')
for (let index = 0; index < NORMALS; index++) normals[index] = source.normal()

type Standing = { grams: number; startS: number; endS: number; flapUntilS: number; flapG: number }

export type PlayedDay = {
  /** UTC ms of the hour that a played moment stands for. */
  realT: (playedT: number) => number
  /** Where the next day of this platform may begin. */
  endT: number
}

const HOUR_MS = 3_600_000
const LONGEST_SLEEP_S = 400

/** Plays the day that begins at midnight `dayT`; the samples begin at `playedT`. */
export function playDay(
  flock: SimulatedFlock,
  p: Platform,
  { ageDays, dayT, playedT }: { ageDays: number; dayT: number; playedT: number },
  random: Random,
  sample: (t: number, grams: number) => void,
): PlayedDay {
  const stepS = 1 / p.hz
  const bias = ageDays < 28 ? p.earlyBias : p.earlyBias + ((p.lateBias - p.earlyBias) * (ageDays - 28)) / 21
  const pick = visitorsOf(flock, ageDays, bias, random)
  const lightFrom = 12 - p.lightHours / 2
  const count = random.poisson(p.visitsPerDay)
  const hours = Array.from({ length: count }, () => hourOf(lightFrom, p.lightHours, random)).sort(
    (a, b) => a - b,
  )
  const marks: { playedT: number; realT: number }[] = []
  const kickHours = Array.from({ length: random.poisson(p.kicksPerDay) }, () => random.between(0, 24)).sort(
    (a, b) => a - b,
  )

  let nowS = 0
  let lastHour = 0
  let ringG = 0
  let ringAtS = 0
  const standing: Standing[] = []
  const spike = p.spikesPerHour / 3600 / p.hz
  const omega = 2 * Math.PI * p.resonanceHz
  const at = () => playedT + Math.round(nowS * 1000)

  let place = Math.floor(random.uniform() * NORMALS)
  const normal = () => {
    // A stride without a common factor with the table: neighbours never repeat in the same order.
    place = (place + 40_503) & (NORMALS - 1)
    return normals[place] as number
  }
  const emit = (untilS: number) => {
    for (; nowS < untilS; nowS += stepS) {
      let load = p.offsetG + p.litterG + p.noiseG * normal()
      for (const bird of standing) {
        let grams = bird.grams * (1 + p.standingShare * normal())
        if (nowS < bird.flapUntilS) grams *= 1 + p.flapShare * normal()
        else if (random.chance(p.flapsPerSecond * stepS)) bird.flapUntilS = nowS + random.wait(p.flapS)
        load += grams * p.gain
      }
      const since = nowS - ringAtS
      if (since < 3) load += ringG * Math.exp(-p.damping * omega * since) * Math.cos(omega * since)
      if (random.chance(spike)) load += random.between(-5000, 5000)
      sample(at(), Math.round(load / p.incrementG) * p.incrementG)
    }
  }
  const land = (bird: Bird, hour: number, stayS: number) => {
    const age = ageDays + hour / 24
    const swing = 1 + p.swing * Math.sin((2 * Math.PI * (hour - p.swingPhase)) / 24)
    const part = random.chance(p.partlyShare) ? random.between(visits.partlyLoad[0], visits.partlyLoad[1]) : 1
    const grams = flock.birdG(bird, age) * swing * part
    standing.push({ grams, startS: nowS, endS: nowS + stayS, flapUntilS: 0, flapG: 0 })
    ringG = p.landingShare * grams
    ringAtS = nowS
  }
  const stay = () => {
    if (random.chance(p.sleepShare)) {
      return Math.min(LONGEST_SLEEP_S, 60 * random.between(visits.sleepMinutes[0], visits.sleepMinutes[1]))
    }
    return 0.6 + random.wait(p.stayS)
  }
  const standUntilEmpty = (hour: number) => {
    while (standing.length > 0) {
      const next = Math.min(...standing.map(({ endS }) => endS))
      const join = standing.length < 3 ? nowS + random.wait(1 / p.joinPerSecond) : Number.POSITIVE_INFINITY
      if (join < next) {
        emit(join)
        land(pick(), hour, stay())
      } else {
        emit(next)
        const index = standing.findIndex(({ endS }) => endS <= nowS + 1e-9)
        const [gone] = standing.splice(Math.max(0, index), 1)
        ringG = 0.15 * (gone?.grams ?? 0)
        ringAtS = nowS
      }
    }
  }

  emit(random.between(4, 8))
  for (const hour of hours) {
    p.offsetG += p.driftGPerHour * (hour - lastHour)
    if ((kickHours[0] ?? 25) < hour) {
      kickHours.shift()
      p.offsetG += random.between(platform.kickG[0], platform.kickG[1])
    }
    lastHour = hour
    emit(nowS + random.between(2.5, 9))
    marks.push({ playedT: at(), realT: dayT + hour * HOUR_MS })
    const bird = pick()
    land(bird, hour, stay())
    if (random.chance(p.pairShare)) land(pick(), hour, stay())
    standUntilEmpty(hour)
    if (random.chance(p.hopAgainShare)) {
      emit(nowS + random.between(0.8, 4))
      land(bird, hour, stay())
      standUntilEmpty(hour)
    }
    p.litterG += random.wait(p.litterGPerVisit)
    if (p.litterG > p.litterLimitG) p.litterG *= random.uniform()
  }
  emit(nowS + 5)
  // The electronics are set to zero now and then; else a month's drift would leave the range.
  if (Math.abs(p.offsetG) > 2000) p.offsetG = 0
  const realT = (t: number) => {
    let low = 0
    let high = marks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((marks[middle]?.playedT as number) <= t) low = middle + 1
      else high = middle
    }
    return marks[Math.max(0, low - 1)]?.realT ?? dayT + 12 * HOUR_MS
  }
  return { realT, endT: at() + 1000 }
}

/** Busier after the light comes on and before it goes. */
function hourOf(from: number, hours: number, random: Random): number {
  for (;;) {
    const share = random.uniform()
    if (random.uniform() < 0.55 + 0.45 * Math.cos(4 * Math.PI * share)) return from + share * hours
  }
}

/** Draws visitors: by liking, and the lighter the likelier. */
function visitorsOf(flock: SimulatedFlock, ageDays: number, bias: number, random: Random): () => Bird {
  const grams = flock.inReach.map((bird) => flock.birdG(bird, ageDays))
  const middle = flock.sample.map((bird) => flock.birdG(bird, ageDays))
  const meanG = middle.reduce((sum, value) => sum + value, 0) / middle.length
  const sdG = Math.sqrt(middle.reduce((sum, value) => sum + (value - meanG) ** 2, 0) / middle.length)
  const sums: number[] = []
  let sum = 0
  for (const [index, bird] of flock.inReach.entries()) {
    sum += bird.liking * Math.exp((-bias * ((grams[index] as number) - meanG)) / sdG)
    sums.push(sum)
  }
  return () => {
    const target = random.uniform() * sum
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middleIndex = (low + high) >> 1
      if ((sums[middleIndex] as number) < target) low = middleIndex + 1
      else high = middleIndex
    }
    return flock.inReach[low] as Bird
  }
}
