import { setTimeout as sleep } from 'node:timers/promises'
import type { SerialDefinition } from '../devices/definition.ts'
import type { Framer } from '../framers/framer.ts'
import type { Connect } from '../links/link.ts'
import { isUsual } from './plausible.ts'

/** A model whose frames were heard on a line. */
export type StreamMatch = {
  model: string
  frames: number
  /** Share of the line's bytes that its framer could use, 0 … 1. */
  share: number
  /** What it last said, for the installer to compare with the display. */
  says: string
  isUsual: boolean
}

export type Heard = {
  bytes: number
  /** Best first. Several may fit the same bytes: only the display tells which is right. */
  matches: StreamMatch[]
  /** Why the line could not be opened, or ended. */
  trouble?: string
}

const FRAMES_TO_BELIEVE = 2
/** Half of what came; a line that only now and then looks like a scale is another thing. */
const SHARE_TO_BELIEVE = 0.5
const OPEN_WITHIN_MS = 3000

/** Opens a line, listens for so long with every framer there is, and closes it again. */
export async function listen(
  connect: Connect,
  definitions: readonly SerialDefinition[],
  listenMs: number,
): Promise<Heard> {
  const ears = definitions.map(createEar)
  let bytes = 0
  let trouble: string | undefined
  let opened = () => {}
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve
  })
  const connection = connect({
    opened,
    bytes(chunk) {
      bytes += chunk.length
      for (const ear of ears) ear.hear(chunk)
    },
    closed(reason) {
      trouble = reason
      opened()
    },
  })
  await Promise.race([isOpen, sleep(OPEN_WITHIN_MS)])
  if (trouble === undefined) await sleep(listenMs)
  connection.close()
  const matches = ears
    .map((ear) => ear.match(bytes))
    .filter((match) => match !== undefined)
    .sort((a, b) => Number(b.isUsual) - Number(a.isUsual) || b.share - a.share || b.frames - a.frames)
  return { bytes, matches, ...(trouble !== undefined && { trouble }) }
}

type Ear = { hear(chunk: Uint8Array): void; match(bytes: number): StreamMatch | undefined }

function createEar(definition: SerialDefinition): Ear {
  return definition.kind === 'load'
    ? ear(definition.model, definition.createFramer(), ({ grams }) =>
        grams === undefined
          ? { says: 'overload', isUsual: true }
          : { says: `${grams} g`, isUsual: isUsual('scale.load', grams) },
      )
    : ear(definition.model, definition.createFramer(), ({ ambientCentiC, centiC }) => {
        const [low, high] = [
          centiC.reduce((a, b) => Math.min(a, b)) / 100,
          centiC.reduce((a, b) => Math.max(a, b)) / 100,
        ]
        return { says: `${low} to ${high} °C`, isUsual: isUsual('air.temperature', ambientCentiC / 100) }
      })
}

function ear<Sample>(
  model: string,
  framer: Framer<Sample>,
  judge: (sample: Sample) => Pick<StreamMatch, 'says' | 'isUsual'>,
): Ear {
  let frames = 0
  let noise = 0
  let broken = 0
  let last: Sample | undefined
  return {
    hear(chunk) {
      for (const event of framer.push(chunk)) {
        if (event.kind === 'frame') {
          frames++
          last = event.frame
        } else if (event.reason === 'noise') noise += event.count
        else broken += event.count
      }
    },
    match(bytes) {
      const share = bytes === 0 ? 0 : Math.max(0, 1 - noise / bytes)
      if (last === undefined || frames < FRAMES_TO_BELIEVE || broken > frames || share < SHARE_TO_BELIEVE)
        return undefined
      return { model, frames, share, ...judge(last) }
    },
  }
}
