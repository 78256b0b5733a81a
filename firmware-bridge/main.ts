import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openBootClock } from '#node-file/boot-clock.ts'
import { createBridge } from './bridge.ts'
import { connectLine } from './links/connect-line.ts'
import { createRecorder, type Recorder } from './links/recording.ts'
import { readBridgeFile } from './read-bridge-file.ts'

const clock = openBootClock()
const log = (message: string) => console.log(`bridge: ${message}`)
const stop = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const file =
  process.env['FLOCKWISE_CONFIG'] ?? stop('FLOCKWISE_CONFIG names no file: the configuration of this node')
const result = readBridgeFile(file)
const { config, catalogue } = result.ok ? result : stop(result.message)

const tokenFile = resolve(dirname(file), config.bridge.tokenFile)
const token = readToken(tokenFile)

/** `--record <link>=<file>`, as often as there are links to record. */
const { values: args } = parseArgs({ options: { record: { type: 'string', multiple: true } } })
const recorders = new Map<string, Recorder>()
for (const order of args.record ?? []) {
  const [link = '', path = ''] = order.split(/=(.*)/s)
  if (!config.links.some(({ id }) => id === link) || path === '')
    stop(`--record ${order}: write <link>=<file>`)
  recorders.set(link, createRecorder(path, clock, log))
}

const bridge = createBridge({
  config,
  catalogue,
  token,
  clock,
  random: Math.random,
  connectLine,
  onBytes: (link, bytes) => recorders.get(link)?.add(bytes),
  log,
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    await bridge.close()
    await Promise.all([...recorders.values()].map((recorder) => recorder.close()))
    process.exit(0)
  })
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    return stop(
      `${path}: the bridge's token cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
