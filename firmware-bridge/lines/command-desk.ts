import { Compile } from 'typebox/compile'
import { Command, parseTopic } from '#domain/topics.ts'
import type { Line, LineDevice } from './line.ts'

/** Ids of commands that have been done; an edge repeats within seconds, not after a thousand others. */
const REMEMBERED = 1000
const validator = Compile(Command)

/** Hands commands from the edge to the line whose device they name. The same id twice is done once. */
export function createCommandDesk(lines: readonly { line: Line; devices: readonly LineDevice[] }[]) {
  const done = new Set<string>()

  function handle(topic: string, payload: Uint8Array): void {
    const address = parseTopic(topic)
    if (address?.channel !== 'command') return
    for (const { line, devices } of lines) {
      const device = devices.find(
        ({ config }) => config.id === address.device && config.house === address.house,
      )
      if (device) execute(line, device, payload)
    }
  }

  function execute(line: Line, device: LineDevice, payload: Uint8Array): void {
    const command = parse(payload)
    if (!validator.Check(command)) {
      device.counters.trouble('command-refused', 1, 'a command that cannot be read')
      return
    }
    const { id, output, on } = command
    if (done.has(id)) return
    if (!line.command(device, output, on)) {
      device.counters.trouble('command-refused', 1, `${device.config.model} has no ${output}`)
      return
    }
    done.add(id)
    const [oldest] = done
    if (done.size > REMEMBERED && oldest !== undefined) done.delete(oldest)
  }

  return { handle }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return undefined
  }
}
