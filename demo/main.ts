import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isScenario, play, scenarios } from './scenarios.ts'
import { startWholeFarm } from './whole-farm.ts'

const { values: options } = parseArgs({
  options: {
    scenario: { type: 'string' },
    port: { type: 'string', default: '8080' },
    /** Opens the page to the local network, to look at it on a phone. */
    lan: { type: 'boolean', default: false },
    /** Ends as soon as the page is live. */
    once: { type: 'boolean', default: false },
  },
})
const { scenario } = options
if (scenario !== undefined && !isScenario(scenario)) {
  console.error(`There is no scenario "${scenario}". Choose one of: ${Object.keys(scenarios).join(', ')}`)
  process.exit(2)
}

const started = Date.now()
const tell = (text: string) => console.log(`${new Date().toLocaleTimeString('en-GB')}  ${text}`)
const dir = mkdtempSync(join(tmpdir(), 'flockwise-demo-'))
const farm = await startWholeFarm({
  dir,
  port: Number(options.port),
  host: options.lan ? '0.0.0.0' : '127.0.0.1',
  historyDays: 21,
  tell,
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  rmSync(dir, { recursive: true, force: true })
  process.exit(1)
})

let ending = false
async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  console.log('\nEnding every process of the demo …')
  await farm.close()
  rmSync(dir, { recursive: true, force: true })
  process.exit(code)
}
process.on('SIGINT', () => end(0))
process.on('SIGTERM', () => end(0))
process.on('SIGHUP', () => end(0))
farm.died.then((why) => {
  console.error(why)
  return end(1)
})

await farm.live()
const lanAddress = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address
const address = options.lan && lanAddress ? farm.url.replace('127.0.0.1', lanAddress) : farm.url
console.log(`
READY ${address}

  Log in as   ${farm.login}
  Password    ${farm.password}      (made for this run)
  Up after    ${((Date.now() - started) / 1000).toFixed(1)} s

  Five things to look at
  1. The overview: two houses, each value with its age. Nothing is older than a few seconds.
  2. House 1: charts of three weeks, which came as a backlog, and the thermal picture of the flock.
  3. The books of house 1: enter 5 deaths; the head-count falls at once. Take it back.
  4. Health: every frame of every device counted, and what was thrown away, by reason.
  5. Play a story: npm run demo -- --scenario fan-failure
     (${Object.keys(scenarios).join(', ')})

  Ctrl-C ends every process it started. Logs: ${dir}
`)
if (options.once) await end(0)
else if (scenario) await play(scenario, farm, tell)
