import { createPcmFramer, encodePcm } from '../framers/pcm.ts'
import type { SoundDefinition } from './definition.ts'
import { mapFramer } from './map-framer.ts'

/** Sneezes and calls lie below 8 kHz. */
const RATE = 16_000

/** A microphone at this machine, or in a camera: ffmpeg makes one channel of it, 16,000 samples a second. */
export const microphone: SoundDefinition = {
  kind: 'sound',
  model: 'microphone',
  title: { zh: '麦克风', en: 'Microphone' },
  rate: RATE,
  media: {
    vias: ['alsa', 'rtsp'],
    ask: () => ({
      media: 'audio',
      input: [],
      output: [
        '-vn',
        '-ac',
        '1',
        '-ar',
        `${RATE}`,
        '-c:a',
        'pcm_s16le',
        '-f',
        's16le',
        '-flush_packets',
        '1',
      ],
      everyMs: 1000,
    }),
  },
  createFramer: () => mapFramer(createPcmFramer(RATE), (samples) => ({ samples })),
  encode: ({ samples }) => encodePcm(samples),
  silentAfterMs: 15_000,
}
