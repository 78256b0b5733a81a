import { type Influx, InfluxFailure } from './influx-client.ts'

/** Most text in one request. InfluxDB takes 25 MB. */
const MAX_CHARS = 4_000_000

type Job = { lines: string; resolve(): void; reject(error: unknown): void }

/**
 * One request, and one sync of InfluxDB's disk, for all batches that came while the last one was on its way.
 * When InfluxDB refuses what is in a group, each batch is tried alone, so that one that is wrong does not
 * fail its neighbours.
 */
export function createGroupWrite(write: Influx['write']): Influx['write'] {
  const waiting: Job[] = []
  let isBusy = false

  const nextGroup = (): Job[] => {
    let count = 0
    let chars = 0
    for (const { lines } of waiting) {
      chars += lines.length
      if (count > 0 && chars > MAX_CHARS) break
      count++
    }
    return waiting.splice(0, count)
  }
  const send = async (group: Job[]) => {
    try {
      await write(group.map(({ lines }) => lines).join(''))
      for (const { resolve } of group) resolve()
    } catch (error) {
      if (group.length > 1 && isRefusal(error)) for (const job of group) await send([job])
      else for (const { reject } of group) reject(error)
    }
  }
  const run = async () => {
    isBusy = true
    while (waiting.length > 0) await send(nextGroup())
    isBusy = false
  }

  return (lines) =>
    new Promise((resolve, reject) => {
      waiting.push({ lines, resolve, reject })
      if (!isBusy) void run()
    })
}

function isRefusal(error: unknown): boolean {
  return error instanceof InfluxFailure && error.status >= 400 && error.status < 500
}
