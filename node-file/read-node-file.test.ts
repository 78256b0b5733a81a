import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readNodeFile } from './read-node-file.ts'

const dir = mkdtempSync(join(tmpdir(), 'flockwise-node-file-'))
afterAll(() => rmSync(dir, { recursive: true }))

const YAML = `
houses: [{ id: h1, name: House 1, timeZone: Asia/Shanghai }]
edge: { dataDir: data, mqtt: { host: 0.0.0.0, port: 1883 }, http: { host: 127.0.0.1, port: 8081 } }
bridge: { mqttUrl: 'mqtt://127.0.0.1:1883', user: bridge, tokenFile: bridge.token }
users: [{ id: bridge, bridge: true, tokenSha256: ${'a'.repeat(64)} }]
links: []
mqttDevices: []
outputs: []
`
const written = (text: string) => {
  const file = join(dir, 'farm.yaml')
  writeFileSync(file, text)
  return file
}

describe('farm.yaml', () => {
  it('is read as YAML, and as JSON', () => {
    const read = readNodeFile(written(YAML))
    if (!read.ok) expect.unreachable(read.message)
    expect(read.config.houses[0]?.timeZone).toBe('Asia/Shanghai')
    expect(readNodeFile(written(JSON.stringify(read.config)))).toEqual(read)
  })

  it.each([
    ['nothing', ''],
    ['broken YAML', 'houses: [\n  - a: {'],
    ['a tab', 'houses:\n\t- id: h1'],
    ['text', 'hello'],
  ])('of %s is refused by name', (_, text) => {
    const read = readNodeFile(written(text))
    if (read.ok) expect.unreachable()
    expect(read.message).toContain('farm.yaml')
  })

  it('that is not there is refused by name', () => {
    expect(readNodeFile(join(dir, 'none.yaml'))).toMatchObject({
      ok: false,
      message: /none\.yaml cannot be read/,
    })
  })

  it('has its own mistakes and those that the caller sees in one message', () => {
    const file = written(YAML.replace('Asia/Shanghai', 'Asia/Chicken'))
    const read = readNodeFile(file, () => [{ path: '/links', message: 'there is no such model' }])
    if (read.ok) expect.unreachable()
    expect(read.message).toMatch(/2 mistakes:.*Chicken.*no such model/s)
  })
})
