import { randomBytes } from 'node:crypto'
import type { Database } from '#sqlite-file/database.ts'
import { type EdgeStore, type LaneName, lanes } from './edge-store.ts'
import type { Notes } from './notes.ts'

/** Which life of its numbers each lane is in. */
export type LaneEpochs = Pick<EdgeStore, 'epoch' | 'unproved' | 'prove' | 'startEpoch'> & {
  /** Call inside a transaction, and `noted` once it is durable. */
  note(): void
  noted(): void
}

export function openLaneEpochs(
  database: Database,
  { note, setNote, dropNote }: Notes,
  lastNumber: (lane: LaneName) => number,
): LaneEpochs {
  // Opening writes nothing, as a full disk takes nothing: the first commit notes what was found.
  const epochs = new Map<LaneName, string>()
  const unproved = new Map<LaneName, number>()
  let isNoted = false
  for (const lane of lanes) {
    const last = lastNumber(lane)
    // An empty lane may have been put back to its beginning; a new epoch costs it nothing.
    epochs.set(lane, (last > 0 && note(`epoch.${lane}`)) || newEpoch())
    if (last > 0) unproved.set(lane, Math.min(last, Number(note(`unproved.${lane}`) ?? last)))
  }
  return {
    epoch: (lane) => epochs.get(lane) as string,
    unproved: (lane) => unproved.get(lane),
    prove(lane) {
      unproved.delete(lane)
      dropNote(`unproved.${lane}`)
    },
    startEpoch(lane) {
      const epoch = newEpoch()
      database.transaction(() => {
        setNote(`epoch.${lane}`, epoch)
        setNote(`watermark.${lane}`, '0')
        dropNote(`unproved.${lane}`)
      })
      epochs.set(lane, epoch)
      unproved.delete(lane)
    },
    note() {
      if (isNoted) return
      for (const [lane, epoch] of epochs) setNote(`epoch.${lane}`, epoch)
      for (const [lane, number] of unproved) setNote(`unproved.${lane}`, String(number))
    },
    noted() {
      isNoted = true
    },
  }
}

const newEpoch = () => randomBytes(8).toString('hex')
