import type { DeviceConfig, LinkConfig } from '#domain/config.ts'
import { createJpegFramer } from '../framers/jpeg.ts'
import { AS_JPEG, scaleTo } from '../links/jpeg-output.ts'
import type { CameraDefinition } from './definition.ts'

const EVERY_MS = 60_000
const MAX_WIDTH = 1280
/** The camera is looked at this often, however seldom its picture is kept: a dead one is known within a minute. */
const STEP_MS = 10_000
/** What a stream may take from one key frame to the next, beyond three steps of silence. */
const PATIENCE_MS = 20_000

const everyMsOf = ({ picture }: Pick<DeviceConfig, 'picture'>): number =>
  picture?.everyS === undefined ? EVERY_MS : picture.everyS * 1000
const widthOf = ({ picture }: Pick<DeviceConfig, 'picture'>): number => picture?.maxWidth ?? MAX_WIDTH

/** Any camera: a stream, a page that gives a picture, a folder in which pictures turn up, a webcam. */
export const camera: CameraDefinition = {
  kind: 'camera',
  model: 'camera',
  title: { zh: '摄像头', en: 'Camera' },
  everyMs: EVERY_MS,
  stepMs: STEP_MS,
  media: {
    vias: ['rtsp', 'mjpeg', 'snapshot', 'folder', 'v4l2'],
    ask(config) {
      const stepMs = Math.min(STEP_MS, everyMsOf(config))
      const maxWidth = widthOf(config)
      const select = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${stepMs / 1000})'`
      return {
        media: 'video',
        input: [],
        output: ['-an', '-vf', `${select},${scaleTo(maxWidth)}`, '-fps_mode', 'vfr', ...AS_JPEG],
        everyMs: stepMs,
        maxWidth,
      }
    },
  },
  createFramer: createJpegFramer,
  encode: ({ jpeg }) => jpeg,
  configured(config: DeviceConfig, via: LinkConfig) {
    const everyMs = everyMsOf(config)
    const stepMs = Math.min(STEP_MS, everyMs)
    // Nobody can ask a folder: its pictures come as often as the camera puts them there.
    const cameraStepMs = via.type === 'folder' ? everyMs : stepMs
    return { ...camera, everyMs, stepMs, silentAfterMs: 3 * cameraStepMs + PATIENCE_MS }
  },
  silentAfterMs: 3 * STEP_MS + PATIENCE_MS,
}
