import { describe, expect, it } from 'vitest'
import type { SoundBlock } from '#domain/block.ts'
import type { ThermalFrame } from '#domain/frame.ts'
import { MAX_JPEG_BYTES, type Picture } from '#domain/picture.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'
import { cameraSink } from './camera-sink.ts'
import type { LineDevice, Values } from './line.ts'
import { levelOf, soundSink } from './sound-sink.ts'
import { thermalSink } from './thermal-sink.ts'

const T = Date.UTC(2026, 4, 1)

function bench() {
  const counters = createDeviceCounters()
  const said: Values[] = []
  const [pictures, sounds, thermals]: [Picture[], SoundBlock[], ThermalFrame[]] = [[], [], []]
  const time = { ms: 0 }
  const clock = { now: () => T + time.ms, monotonic: () => time.ms }
  const device: LineDevice = {
    config: { id: 'd', house: 'h1', model: 'camera' },
    counters,
    values: (_, values) => said.push(values),
    block() {},
    sound: (block) => sounds.push(block),
    thermal: (frame) => thermals.push(frame),
    picture: (picture) => pictures.push(picture),
  }
  const health = () => counters.health(clock.now(), { state: 'open', reopened: 0 })
  return { device, clock, time, said, pictures, sounds, thermals, health }
}

describe('a camera', () => {
  const picture = (seed: number, bytes = 6000) => {
    const jpeg = new Uint8Array(bytes).fill(7)
    jpeg[0] = seed
    return { jpeg, width: 320, height: 240 }
  }
  function watch() {
    const own = bench()
    const sink = cameraSink(own.device, { everyMs: MINUTE, stepMs: 10 * SECOND }, own.clock)
    const show = (from: number, to: number, sample: (at: number) => ReturnType<typeof picture>) => {
      for (own.time.ms = from; own.time.ms < to; own.time.ms += 10 * SECOND)
        sink.sample(sample(own.time.ms), own.clock.now())
    }
    return { ...own, sink, show }
  }

  it('passes on a picture a minute, each with its own time', () => {
    const { show, pictures } = watch()
    show(0, 5 * MINUTE, (at) => picture(at / SECOND))
    expect(pictures.map(({ t }) => (t - T) / SECOND)).toEqual([0, 60, 120, 180, 240])
  })

  it('that shows one picture for ten minutes hangs: nothing of it is passed on, and it says so', () => {
    const { show, pictures, said, health } = watch()
    show(0, MINUTE, (at) => picture(at / SECOND))
    show(MINUTE, 20 * MINUTE, () => picture(99))
    expect(said.at(-1)).toEqual({ 'camera.live': 0 })
    expect(pictures.at(-1)?.t).toBe(T + 10 * MINUTE)
    expect(health()).toMatchObject({ error: expect.stringContaining('the same picture for 19 min') })
    expect(health().discarded.frozen).toBe(54)
    show(20 * MINUTE, 21 * MINUTE, (at) => picture(at / SECOND))
    expect(said.at(-1)).toEqual({ 'camera.live': 1 })
    expect(pictures.at(-1)?.t).toBe(T + 20 * MINUTE)
    expect(health().error).toBeUndefined()
  })

  it('that looks into a black night does not hang', () => {
    const { show, said } = watch()
    show(0, HOUR, () => picture(1, 2000))
    expect(said.at(-1)).toEqual({ 'camera.live': 1 })
  })

  it('whose line was cut shows nothing; one whose bridge is stopped says nothing of it', () => {
    const { sink, said } = watch()
    sink.end(false)
    expect(said).toEqual([])
    sink.end(true)
    expect(said).toEqual([{ 'camera.live': 0 }])
  })

  it('whose picture is too large for a message is told to make it smaller', () => {
    const { sink, pictures, health } = watch()
    sink.sample(picture(1, MAX_JPEG_BYTES + 1), T)
    expect(pictures).toEqual([])
    expect(health()).toMatchObject({
      discarded: { implausible: 1 },
      error: expect.stringContaining('maxWidth'),
    })
  })
})

describe('a microphone', () => {
  const rate = 16_000
  const tone = (amplitude: number) =>
    Int16Array.from({ length: rate }, (_, at) => amplitude * Math.sin((2 * Math.PI * 1000 * at) / rate))
  function hear() {
    const own = bench()
    return { ...own, sink: soundSink(own.device, { rate }, own.clock) }
  }

  it('says the time of each first sample, also when blocks come in clumps, and after a gap', () => {
    const { sink, sounds, time, clock } = hear()
    for (const at of [1000, 2010, 3290, 4000, 5005, 60_000]) {
      time.ms = at
      sink.sample({ samples: tone(1000) }, clock.now())
    }
    const times = sounds.map(({ t }) => t - T)
    expect(times.slice(0, 5).map((t) => Math.round(t / 50) * 50)).toEqual([0, 1000, 2000, 3000, 4000])
    expect(times[5]).toBe(59_000)
    expect(sounds[0]).toMatchObject({ rate, samples: tone(1000) })
  })

  it('says its level once a minute: a sine of half of full scale is −9 dB', () => {
    const { sink, said, time, clock } = hear()
    for (time.ms = SECOND; time.ms <= 3 * MINUTE; time.ms += SECOND)
      sink.sample({ samples: tone(16_384) }, clock.now())
    expect(said).toHaveLength(2)
    expect(said[0]?.['sound.level']).toBeCloseTo(-9.03, 1)
  })

  it('that hears nothing at all is broken', () => {
    const { sink, health } = hear()
    sink.sample({ samples: new Int16Array(rate) }, T)
    expect(health()).toMatchObject({ discarded: { fault: 1 }, error: expect.stringContaining('plugged in') })
    sink.sample({ samples: tone(5) }, T)
    expect(health().error).toBeUndefined()
    expect(levelOf(0)).toBe(-120)
  })
})

it('a thermal camera passes on as many pictures as are wanted, of their own size', () => {
  const { device, clock, time, thermals } = bench()
  const sink = thermalSink(device, { width: 1, height: 2, everyMs: 1000 }, clock)
  for (time.ms = 0; time.ms < 3000; time.ms += 111)
    sink.sample({ ambientCentiC: 2500, centiC: Int16Array.of(1, 2) }, clock.now())
  expect(thermals.length).toBe(4)
  time.ms = 9000
  const size = { width: 2, height: 1 }
  sink.sample({ ambientCentiC: 2500, centiC: Int16Array.of(1, 2), size }, clock.now())
  expect(thermals.map(({ width, height }) => [width, height])).toEqual([
    ...new Array<number[]>(4).fill([1, 2]),
    [2, 1],
  ])
})
