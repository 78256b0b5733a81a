import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

it('ends with 0 within 2 s at SIGTERM, also while a request hangs', { timeout: 20_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flockwise-cloud-main-'))
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, FLOCKWISE_DATA_DIR: directory, FLOCKWISE_PORT: '0', FLOCKWISE_LOG: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  await expect.poll(() => text, { timeout: 10_000 }).toMatch(/listening on/)
  const port = Number(/listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1])
  // Half a request: the rest never comes.
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(
    'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  const start = performance.now()
  child.kill('SIGTERM')
  try {
    expect(await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 4000))])).toEqual([
      0,
      null,
    ])
    expect(performance.now() - start).toBeLessThan(2500)
  } finally {
    socket.destroy()
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
})
