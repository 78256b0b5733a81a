import type { Random } from '../random.ts'

/**
 * What a 32 × 24 array under the ceiling sees: litter, and birds as warm spots with a hotter head that wander
 * about. A bird covers about two pixels, so its true surface is blurred with the litter around it.
 */
export type ThermalPicture = {
  /** Centidegrees, row by row. Moves the birds on by `dtMs`. */
  render(dtMs: number, scene: Scene): Int16Array
}

export type Scene = {
  airC: number
  /** 0 when the house is empty. */
  birdG: number
  /** Share of the birds that is sick: hotter and huddled. */
  sick: number
  /** 0 asleep … 1 awake. */
  activity: number
}

export const WIDTH = 32
export const HEIGHT = 24

const BIRDS = 40
const NOISE_C = 0.12
/** Each pixel's own error, which stays with the chip. */
const PATTERN_C = 0.15
const REACH_PX = 4
const HEAD_PX = 0.75
/** A step in the life of a bird that walks, px per √s. */
const WALK_PX = 0.5
const HUDDLE = { x: 9, y: 14, spreadPx: 3.2 }
const FEVER_C = 1.9

type Bird = {
  x: number
  y: number
  heading: number
  rank: number
  headC: number
  homeX: number
  homeY: number
}

/** Feathered surface, °C: rises with the air, barely with age; down lets more heat through than feathers. */
export function coatC(airC: number, birdG: number): number {
  const down = 4.5 * Math.exp(-birdG / 250)
  return Math.min(40.5, 29.5 + 0.4 * (airC - 21) + down)
}

/** Bare skin of the head, °C. */
export function headC(airC: number): number {
  return Math.min(42, 38.4 + 0.1 * (airC - 21))
}

export function createThermalPicture(random: Random): ThermalPicture {
  const pattern = Float32Array.from({ length: WIDTH * HEIGHT }, () => PATTERN_C * random.normal())
  const noise = Float32Array.from({ length: 2048 }, () => NOISE_C * random.normal())
  const picture = new Float32Array(WIDTH * HEIGHT)
  const across = new Float32Array(WIDTH)
  const birds: Bird[] = Array.from({ length: BIRDS }, (_, index) => ({
    x: random.between(0, WIDTH),
    y: random.between(0, HEIGHT),
    heading: random.between(0, 2 * Math.PI),
    rank: (index + 0.5) / BIRDS,
    headC: 0.35 * Math.min(1.5, Math.max(-1.5, random.normal())),
    homeX: HUDDLE.x + HUDDLE.spreadPx * random.normal(),
    homeY: HUDDLE.y + HUDDLE.spreadPx * random.normal(),
  }))

  const walk = (bird: Bird, seconds: number, { sick, activity }: Scene) => {
    if (bird.rank < sick) {
      const share = 1 - Math.exp(-seconds / 20)
      bird.x += (bird.homeX - bird.x) * share
      bird.y += (bird.homeY - bird.y) * share
      return
    }
    // After a long pause everybody stands somewhere else; no need to walk every metre of it.
    const stride = WALK_PX * activity * Math.sqrt(Math.min(seconds, 400))
    bird.heading += random.normal() * Math.min(3, Math.sqrt(seconds))
    bird.x = bounce(bird.x + stride * Math.cos(bird.heading), WIDTH)
    bird.y = bounce(bird.y + stride * Math.sin(bird.heading), HEIGHT)
  }

  /** A round spot that fades outwards; it warms what is below it and cools nothing. */
  const paint = (x: number, y: number, temperatureC: number, spreadPx: number) => {
    const scale = -1 / (2 * spreadPx * spreadPx)
    const reach = Math.min(REACH_PX, Math.ceil(2.5 * spreadPx))
    const left = Math.max(0, Math.floor(x) - reach)
    const right = Math.min(WIDTH - 1, Math.floor(x) + reach)
    const top = Math.max(0, Math.floor(y) - reach)
    const bottom = Math.min(HEIGHT - 1, Math.floor(y) + reach)
    for (let column = left; column <= right; column++)
      across[column] = Math.exp(scale * (column + 0.5 - x) ** 2)
    for (let row = top; row <= bottom; row++) {
      const down = Math.exp(scale * (row + 0.5 - y) ** 2)
      for (let column = left; column <= right; column++) {
        const at = row * WIDTH + column
        const below = picture[at] ?? 0
        if (temperatureC > below) picture[at] = below + (temperatureC - below) * down * (across[column] ?? 0)
      }
    }
  }

  return {
    render(dtMs, scene) {
      const { airC, birdG, sick } = scene
      picture.fill(airC + 1.2)
      if (birdG > 0) {
        const spreadPx = 0.7 + 0.55 * Math.min(1, birdG / 2500)
        for (const bird of birds) {
          walk(bird, dtMs / 1000, scene)
          const fever = bird.rank < sick ? FEVER_C : 0
          paint(bird.x, bird.y, coatC(airC, birdG) + 0.6 * fever, spreadPx)
          const aheadX = bird.x + spreadPx * Math.cos(bird.heading)
          const aheadY = bird.y + spreadPx * Math.sin(bird.heading)
          paint(aheadX, aheadY, headC(airC) + bird.headC + fever, HEAD_PX)
        }
      }
      const shift = Math.floor(random.uniform() * (noise.length - picture.length))
      const centiC = new Int16Array(picture.length)
      for (let at = 0; at < picture.length; at++) {
        centiC[at] = Math.round(100 * ((picture[at] ?? 0) + (pattern[at] ?? 0) + (noise[at + shift] ?? 0)))
      }
      return centiC
    },
  }
}

/** Folds a coordinate back into the picture, as off a wall. */
function bounce(value: number, size: number): number {
  const folded = Math.abs(value) % (2 * size)
  return folded < size ? folded : 2 * size - folded
}
