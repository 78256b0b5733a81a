// How long a newcomer waits: an empty folder, `git clone`, `npm run demo`, until live values stand on the page;
// then the same demo once more, with everything in place. npm starts with an empty cache, so that the first time
// is a first time also on a machine that has built Flockwise before.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type Figure, projectRoot } from '../figures.ts'

const patienceMs = 9 * 60_000
const farewellMs = 20_000

type Outcome = { readyAt: number } | { why: string }

export const newcomer: Figure = {
  name: 'newcomer',
  summary: 'a fresh clone in an empty folder until live values stand on the page, and again when set up',
  keys: ['firstPageSeconds', 'againSeconds'],
  run: async ({ say }) => {
    const folder = await mkdtemp(join(tmpdir(), 'flockwise-newcomer-'))
    try {
      const clone = join(folder, 'flockwise')
      const env = newcomersEnvironment(process.env, join(folder, 'npm-cache'))
      const cloneAt = performance.now()
      say('cloning, and starting the demo for the first time')
      await promisify(execFile)('git', ['clone', '--quiet', projectRoot, clone])
      const first = await demoUntilReady(clone, env)
      if ('why' in first) return unmeasured(first.why, 'the first start failed')
      say('starting it again')
      const againAt = performance.now()
      const again = await demoUntilReady(clone, env)
      const firstPageSeconds = (first.readyAt - cloneAt) / 1000
      if ('why' in again)
        return { n: 1, firstPageSeconds, againSeconds: null, why: { againSeconds: again.why } }
      return { n: 1, firstPageSeconds, againSeconds: (again.readyAt - againAt) / 1000 }
    } catch (error) {
      return unmeasured(String(error), String(error))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

function unmeasured(first: string, again: string) {
  return {
    n: 0,
    firstPageSeconds: null,
    againSeconds: null,
    why: { firstPageSeconds: first, againSeconds: again },
  }
}

/** Starts the demo, waits for its READY line, and ends it with every process it started. */
function demoUntilReady(cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve) => {
    // A process group of its own: one signal reaches npm, the demo and its children, as Ctrl-C would.
    const demo = spawn('npm', ['run', 'demo', '--', '--once'], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let outcome: Outcome | undefined
    const timers: NodeJS.Timeout[] = []
    const end = (signal: NodeJS.Signals) => {
      if (demo.pid === undefined) return
      try {
        process.kill(-demo.pid, signal)
      } catch {
        // The group has ended by itself.
      }
    }
    const settle = (result: Outcome) => {
      if (outcome) return
      outcome = result
      end('SIGINT')
      timers.push(setTimeout(() => end('SIGKILL'), farewellMs))
    }
    timers.push(
      setTimeout(
        () => settle({ why: `no READY line within ${patienceMs / 60_000} minutes: ${tail(output)}` }),
        patienceMs,
      ),
    )
    const hear = (chunk: Buffer) => {
      output += chunk
      if (/^READY /m.test(output)) settle({ readyAt: performance.now() })
    }
    demo.stdout.on('data', hear)
    demo.stderr.on('data', hear)
    demo.on('error', (error) => settle({ why: error.message }))
    demo.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer)
      end('SIGKILL')
      resolve(
        outcome ?? { why: `the demo ended with ${code ?? signal} before it was ready: ${tail(output)}` },
      )
    })
  })
}

function tail(output: string): string {
  return output.trim().split('\n').slice(-5).join(' | ')
}

/** The environment of a shell in which no npm script runs: the machine's own Node, and an empty npm cache. */
export function newcomersEnvironment(env: NodeJS.ProcessEnv, npmCache: string): NodeJS.ProcessEnv {
  const fromNpm =
    /^(npm_(package|lifecycle|command|execpath|node_execpath)|npm_config_local_prefix|INIT_CWD|NODE$)/i
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !fromNpm.test(name)))
  const path = (env.PATH ?? '').split(delimiter).filter((folder) => !/node_modules|node-gyp-bin/.test(folder))
  return { ...kept, PATH: path.join(delimiter), npm_config_cache: npmCache }
}
