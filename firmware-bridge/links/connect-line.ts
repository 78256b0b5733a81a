import type { LinkConfig } from '#domain/config.ts'
import type { Clock } from '#domain/time.ts'
import type { Ask } from './ask.ts'
import { connectFfmpeg } from './ffmpeg.ts'
import { connectFolder } from './folder.ts'
import type { Connect } from './link.ts'
import { orderFor } from './media.ts'
import { connectReplay } from './replay.ts'
import { connectSerial } from './serial.ts'
import { connectSnapshot } from './snapshot.ts'
import { connectTcp } from './tcp.ts'

/** For lines whose bytes come by themselves. */
const NOTHING: Ask = { media: 'video', input: [], output: [], everyMs: 1000 }

/** The way to a line, as the configuration has it; `ask` is what its device is asked for, where it must be asked. */
export function connectLine(via: LinkConfig, clock: Clock, ask: Ask = NOTHING): Connect {
  switch (via.type) {
    case 'serial':
      return connectSerial(via)
    case 'tcp':
    case 'modbus-tcp':
    case 'nut':
      return connectTcp(via)
    case 'replay':
      return connectReplay(via, clock)
    case 'snapshot':
      return connectSnapshot(via, ask, clock)
    case 'folder':
      return connectFolder(via, ask, clock)
    case 'rtsp':
    case 'mjpeg':
    case 'v4l2':
    case 'alsa':
      return connectFfmpeg(orderFor(via, ask))
  }
}
