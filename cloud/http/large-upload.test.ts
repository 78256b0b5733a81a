import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { routes } from '#domain/api/routes.ts'
import { openTestCloud } from '../test/open-test-cloud.ts'

/** Sends a request head and then body for as long as the other side takes it. Returns the answer and bytes sent. */
function upload(
  port: number,
  head: string,
  chunk: Buffer,
  most: number,
): Promise<{ answer: string; sent: number }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let sent = 0
    let answer = ''
    const pump = () => {
      while (sent < most && !socket.destroyed) {
        sent += chunk.length
        if (!socket.write(chunk)) return
      }
    }
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('drain', pump)
    socket.on('error', () => {})
    socket.on('close', () => resolve({ answer, sent }))
    socket.write(head)
    pump()
  })
}

const GIGABYTE = 1_000_000_000

it.each([
  ['says how much it is', `content-length: ${2 * GIGABYTE}`, Buffer.alloc(64_000, 32)],
  ['does not say', 'transfer-encoding: chunked', Buffer.from(`fa00\r\n${' '.repeat(64_000)}\r\n`)],
])('refuses an upload of 2 GB early when it %s', async (_, length, chunk) => {
  const cloud = await openTestCloud()
  const { port } = new URL(await cloud.app.listen({ host: '127.0.0.1', port: 0 }))
  const head = [
    `POST ${routes.edgeBatches} HTTP/1.1`,
    ...[
      'host: x',
      'content-type: application/json',
      'signature: sig=:AA==:',
      'signature-input: sig=()',
      length,
      '',
      '',
    ],
  ].join('\r\n')
  const { answer, sent } = await upload(Number(port), head, chunk, 2 * GIGABYTE)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).toMatch(/"code":"too-large"/)
  expect(sent).toBeLessThan(40_000_000)
  await cloud.close()
})
