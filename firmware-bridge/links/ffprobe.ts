import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Address } from './address.ts'

const WITHIN_MS = 30_000

/** What a camera's address gives. */
export type StreamsThere = {
  /** One picture; pictures one after the other; a stream of its own. */
  as: 'snapshot' | 'mjpeg' | 'rtsp'
  picture?: { codec: string; width: number; height: number; perSecond: number | undefined }
  sound?: { codec: string; rate: number }
}

/** Asks ffprobe. Rejects with a reason in plain words, without the password. */
export async function readStreams(address: Address): Promise<StreamsThere> {
  const isRtsp = address.url.protocol.startsWith('rtsp')
  const entries = 'format=format_name:stream=codec_type,codec_name,width,height,avg_frame_rate,sample_rate'
  const args = ['-v', 'error', ...(isRtsp ? ['-rtsp_transport', 'tcp'] : []), '-show_entries', entries]
  const child = spawn('ffprobe', [...args, '-of', 'json', address.withLogIn()], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: WITHIN_MS,
    killSignal: 'SIGKILL',
  })
  let [said, complained] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (said += chunk))
  child.stderr.on('data', (chunk: Buffer) => (complained += chunk))
  try {
    const [code, signal] = await once(child, 'close')
    if (code === 0) return readAnswer(said, isRtsp)
    const last = complained.trim().split('\n').at(-1)
    throw new Error(
      signal ? `no answer within ${WITHIN_MS / 1000} s` : (last ?? `ffprobe ended with ${code}`),
    )
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const reason = isMissing ? 'ffprobe is not installed: apt-get install ffmpeg' : String(error)
    throw new Error(address.hide(reason.replace(/^Error: /, '')), { cause: error })
  }
}

function readAnswer(json: string, isRtsp: boolean): StreamsThere {
  const answer = JSON.parse(json) as {
    format?: { format_name?: string }
    streams?: Partial<Record<string, string | number>>[]
  }
  const of = (type: string) => answer.streams?.find((stream) => stream['codec_type'] === type)
  const [picture, sound] = [of('video'), of('audio')]
  const [times = 0, seconds = 0] = String(picture?.['avg_frame_rate'] ?? '')
    .split('/')
    .map(Number)
  const isOnePicture = /image2|jpeg_pipe|png_pipe/.test(answer.format?.format_name ?? '')
  return {
    as: isRtsp ? 'rtsp' : isOnePicture ? 'snapshot' : 'mjpeg',
    ...(picture && {
      picture: {
        codec: String(picture['codec_name']),
        width: Number(picture['width']),
        height: Number(picture['height']),
        perSecond: times > 0 && seconds > 0 && !isOnePicture ? times / seconds : undefined,
      },
    }),
    ...(sound && { sound: { codec: String(sound['codec_name']), rate: Number(sound['sample_rate']) } }),
  }
}
