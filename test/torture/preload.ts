import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const cache = join(import.meta.dirname, '../../node_modules/.cache/torture')

/** What is put between a process and its C library, or why it cannot be. */
export type Preload = { file: string } | { why: string }

/** Compiles `<name>.c` beside this file, once for each text of it. */
export function compilePreload(name: 'power-cut' | 'clock'): Preload {
  if (process.platform !== 'linux') return { why: `LD_PRELOAD is Linux's, this is ${process.platform}` }
  const source = join(import.meta.dirname, `${name}.c`)
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12)
  const file = join(cache, `${name}-${hash}.so`)
  if (existsSync(file)) return { file }
  mkdirSync(cache, { recursive: true })
  const making = `${file}.${process.pid}`
  try {
    const words = ['-O2', '-shared', '-fPIC', '-o', making, source, '-ldl', '-lpthread']
    execFileSync('gcc', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    const [first = ''] = String(error).split('\n')
    return { why: `gcc does not compile ${name}.c (Debian: gcc libc6-dev): ${first}` }
  }
  renameSync(making, file)
  return { file }
}
