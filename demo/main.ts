import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isScenario, play, scenarios } from './scenarios.ts'
import { startWholeFarm, type WholeFarm } from './whole-farm.ts'

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
const ending = new AbortController()
async function end(code: number): Promise<void> {
  if (ending.signal.aborted) return
  ending.abort()
  console.log('\nEnding every process of the demo …')
  // A start that was under way fails now, and ends what it had started.
  await starting.then((farm) => farm.close()).catch(() => {})
  rmSync(dir, { recursive: true, force: true })
  process.exit(code)
}
const fail = async (error: unknown): Promise<void> => {
  if (ending.signal.aborted) return
  console.error(error instanceof Error ? error.message : error)
  await end(1)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))

const starting = startWholeFarm({
  dir,
  port: Number(options.port),
  host: options.lan ? '0.0.0.0' : '127.0.0.1',
  historyDays: 21,
  tell,
  signal: ending.signal,
})
try {
  const farm = await starting
  farm.died.then(fail)
  await farm.live()
  present(farm)
  if (options.once) await end(0)
  else if (scenario) await play(scenario, farm, tell)
} catch (error) {
  await fail(error)
}

function present({ url, login, password }: WholeFarm): void {
  const lanAddress = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address
  const address = options.lan && lanAddress ? url.replace('127.0.0.1', lanAddress) : url
  console.log(`
READY ${address}

  Log in as   ${login}
  Password    ${password}      (made for this run)
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
}
