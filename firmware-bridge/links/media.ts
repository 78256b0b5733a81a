import type { LinkConfig } from '#domain/config.ts'
import { readAddress } from './address.ts'
import type { Ask } from './ask.ts'
import type { FfmpegOrder } from './ffmpeg.ts'

export type FfmpegLink = Extract<LinkConfig, { type: 'rtsp' | 'mjpeg' | 'v4l2' | 'alsa' }>

/** The camera's own clock may stand or jump: what counts is when a picture came. */
const BY_ARRIVAL = ['-use_wallclock_as_timestamps', '1'] as const

/** What ffmpeg is told to read a link, and what to make of it. */
export const orderFor =
  (via: FfmpegLink, ask: Ask): FfmpegOrder =>
  () => {
    const { input, hide } = inputOf(via, ask)
    // One thread for each: they share the box, and a decoder's memory grows with its threads.
    return { args: ['-threads', '1', ...input, ...ask.output], hide }
  }

function inputOf(via: FfmpegLink, ask: Ask): { input: string[]; hide(text: string): string } {
  const asItIs = (text: string) => text
  if (via.type === 'v4l2') return { input: ['-f', 'v4l2', ...ask.input, '-i', via.path], hide: asItIs }
  if (via.type === 'alsa') return { input: ['-f', 'alsa', '-i', via.device], hide: asItIs }
  const address = readAddress(via)
  const from = ['-i', address.withLogIn()]
  if (via.type === 'mjpeg') return { input: [...BY_ARRIVAL, ...from], hide: address.hide }
  // Of a video only what stands by itself is decoded: a tenth of the work.
  const frames = ask.media === 'video' ? ['-skip_frame', 'nokey'] : []
  const stream = ['-rtsp_transport', 'tcp', '-allowed_media_types', ask.media]
  return { input: [...stream, ...frames, ...BY_ARRIVAL, ...from], hide: address.hide }
}
