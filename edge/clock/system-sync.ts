import { statSync } from 'node:fs'

/** systemd-timesyncd touches this file whenever a time server has confirmed the machine's clock. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized'

/** When that was, UTC ms by the machine's clock; undefined where it never was, or another program keeps the time. */
export function systemSyncedAt(): number | undefined {
  return statSync(SYNCHRONIZED, { throwIfNoEntry: false })?.mtimeMs
}
