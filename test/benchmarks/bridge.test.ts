import { createConnection, createServer } from 'node:net'
import { expect, it } from 'vitest'
import type { LoadDefinition } from '../../firmware-bridge/devices/definition.ts'
import { findDevice } from '../../firmware-bridge/devices/index.ts'
import { createBenchLine } from './bridge-line.ts'
import { falseReadings } from './false-readings.ts'

it('a line sends exactly the bytes that are due, and names each picture when its last byte goes', async () => {
  const camera = findDevice('gy-mcu90640') ?? expect.unreachable()
  const pictures: string[] = []
  const line = createBenchLine(camera, 0, true, (key) => pictures.push(key))
  const server = createServer(line.onClient)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) expect.unreachable()
  const client = createConnection(address.port, '127.0.0.1')
  let received = 0
  client.on('data', (bytes) => {
    received += bytes.length
  })
  await line.connected
  for (const bytes of [1000, 1543, 1544, 5000]) line.sendUpTo(bytes)
  await expect.poll(() => received).toBe(5000)
  expect(pictures).toHaveLength(3)
  client.destroy()
  server.close()
})

it('counts what noise passes for: next to nothing where a frame has a form, something where a line is a number', () => {
  const of = (model: string) => falseReadings(findDevice(model) as LoadDefinition, 2_000_000)
  expect(of('toledo')).toEqual({ believed: 0, marked: 0 })
  const { believed, marked } = of('line-scale')
  expect(believed).toBeGreaterThan(0)
  expect(believed + marked).toBeLessThan(20)
})
