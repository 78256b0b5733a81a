import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Finding = { ok: boolean; report: string }
export type Step = { name: string; run: () => Promise<Finding> }

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** A step that runs a tool of node_modules/.bin and passes when the tool ends with 0. */
export function command(tool: string, ...args: string[]): Step['run'] {
  return () =>
    new Promise((resolve) => {
      const child = spawn(join(projectRoot, 'node_modules/.bin', tool), args, {
        cwd: projectRoot,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NO_COLOR: '1' },
      })
      let report = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (report += text))
      child.on('error', (error) => resolve({ ok: false, report: error.message }))
      child.on('close', (code) => resolve({ ok: code === 0, report }))
    })
}

/** Passes when there is nothing to say. */
export function verdict(problems: string[]): Finding {
  return { ok: problems.length === 0, report: problems.join('\n') }
}
