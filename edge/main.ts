import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { openBootClock } from '#node-file/boot-clock.ts'
import { readNodeFile } from '#node-file/read-node-file.ts'
import { systemSyncedAt } from './clock/system-sync.ts'
import { createEdge } from './edge.ts'

/** The one place of the edge that touches the environment, the clocks and the signals. See README.md. */
const log = (line: string) => process.stderr.write(`${new Date().toISOString()} ${line}\n`)

const file = process.env.FLOCKWISE_CONFIG
if (!file) fail('FLOCKWISE_CONFIG names no file: set it to the path of the node configuration')
const result = readNodeFile(file)
if (!result.ok) fail(result.message)

const edge = await createEdge({
  config: result.config,
  clock: openBootClock(),
  syncedAt: systemSyncedAt,
  random: Math.random,
  log,
  enrolCode: process.env.FLOCKWISE_ENROL_CODE || undefined,
  readToken: (name) => readFileSync(resolve(dirname(file), name), 'utf8').trim(),
  onStale(why) {
    log(`starting anew: ${why}`)
    process.exit(1)
  },
}).catch((error: Error) => fail(`the edge did not start: ${error.message}`))
log(`edge ready: mqtt ${edge.mqttPort}, http ${edge.httpPort}`)

const CLOSE_WITHIN_MS = 1_800
let isClosing = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isClosing) return
    isClosing = true
    // What hangs must not keep the last commit's file open: everything acknowledged is on disk already.
    setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref()
    edge.close().then(
      () => process.exit(0),
      (error: Error) => {
        log(`closing failed: ${error.message}`)
        process.exit(1)
      },
    )
  })
}

/** A mistake that a restart does not mend. */
function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
