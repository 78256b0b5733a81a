import { join } from 'node:path'
import type { NodeConfig } from '#domain/config.ts'
import { type Clock, DAY } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import { createPictures, type Pictures } from '../pictures/pictures.ts'
import { createSound, type Sound } from '../sound/sound.ts'
import { type DiskRing, openDiskRing, type RingStatus } from './disk-ring.ts'

/** What cameras show and microphones hear, kept beside the store in files of its own. */
export type Kept = {
  pictures: Pictures
  sound: Sound
  status(): Record<'pictures' | 'sound', RingStatus>
  flush(): Promise<unknown>
}

const SOUND_DAYS = 3

export function openKept({ dataDir, keep = {} }: NodeConfig['edge'], clock: Clock, counters: Counters): Kept {
  const { picturesMB, soundMB, soundDays = SOUND_DAYS } = keep
  const ring = (
    name: 'pictures' | 'sound',
    maxMB: number | undefined,
    own: Pick<Parameters<typeof openDiskRing>[0], 'ending' | 'appends' | 'maxAgeMs'>,
  ): DiskRing =>
    openDiskRing({
      ...own,
      root: join(dataDir, name),
      clock,
      maxBytes: maxMB === undefined ? undefined : maxMB * 1_000_000,
      onKept: () => counters.count(`${name}.kept`),
      onRemoved: (files) => counters.count(`${name}.removed`, undefined, files),
      onTrouble: (why) => counters.count(`${name}.dropped`, why),
    })
  const pictures = ring('pictures', picturesMB, {
    ending: 'jpg',
    appends: false,
    maxAgeMs: Number.POSITIVE_INFINITY,
  })
  const sound = ring('sound', soundMB, { ending: 'fws', appends: true, maxAgeMs: soundDays * DAY })
  return {
    pictures: createPictures(pictures),
    sound: createSound(sound),
    status: () => ({ pictures: pictures.status(), sound: sound.status() }),
    flush: () => Promise.all([pictures.flush(), sound.flush()]),
  }
}
