import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** A serial port of this machine, by a name that stays with the adapter. */
export type Port = { path: string; device: string }

/** By the adapter's serial number; where two have the same or none, by the socket that it is plugged into. */
const folders = ['by-id', 'by-path']

/** The ports under `root` (`/dev/serial`), by-id before by-path, each device once. None where there are none. */
export function listPorts(root: string): Port[] {
  const seen = new Set<string>()
  const ports: Port[] = []
  for (const folder of folders) {
    for (const name of namesIn(join(root, folder))) {
      const path = join(root, folder, name)
      const device = realpathSync(path)
      if (seen.has(device)) continue
      seen.add(device)
      ports.push({ path, device })
    }
  }
  return ports
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
