import { readFileSync } from 'node:fs'
import { describeMistakes } from '#domain/config.ts'
import { connectToEdge } from '../reporting/edge-connection.ts'
import { createSimulator } from './simulator.ts'
import { readSimulatorConfig } from './simulator-config.ts'

const file = process.env['FLOCKWISE_SIMULATOR']
if (file === undefined) fail('FLOCKWISE_SIMULATOR must name a configuration file, see README.md')
const read = readSimulatorConfig(readJson(file))
if (!read.ok) fail(describeMistakes(file, read.mistakes))

const clock = { now: () => Date.now(), monotonic: () => Number(process.hrtime.bigint()) / 1e6 }
const simulator = await createSimulator({ ...read.config, clock, connectToEdge }).catch((error: unknown) =>
  fail(`the simulator cannot start: ${error instanceof Error ? error.message : String(error)}`),
)
console.log(JSON.stringify(simulator.ports))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(0), 800).unref()
    simulator.close().finally(() => process.exit(0))
  })
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return fail(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function fail(why: string): never {
  console.error(why)
  process.exit(1)
}
