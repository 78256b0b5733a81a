import { SECOND } from '#domain/time.ts'

/** What the line carries, by what it carried before. */
export type LineSpeed = {
  /** A batch of so many readings was on its way for so long, whether it arrived or not. */
  note(readings: number, ms: number): void
  /** How many readings make a batch that is on its way for about five seconds. */
  readings(): number
}

const BATCH_MS = 5 * SECOND
const FEWEST = 500
/** More of them hold up the cloud, and alarms behind them, for longer than they save round trips. */
const MOST = 20_000
const FIRST = 5_000

export function createLineSpeed(): LineSpeed {
  let most = FIRST
  return {
    note(readings, ms) {
      // A small batch says little of a fast line: of that it is mostly the round trip.
      const fitting = Math.min((readings / Math.max(1, ms)) * BATCH_MS, 4 * most)
      most = Math.round(Math.min(MOST, Math.max(FEWEST, fitting)))
    },
    readings: () => most,
  }
}
