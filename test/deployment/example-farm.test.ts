import { expect, it } from 'vitest'
import { dialects } from '#domain/dialects/index.ts'
import { mediaOf } from '../../firmware-bridge/devices/definition.ts'
import { devices } from '../../firmware-bridge/devices/index.ts'
import { readBridgeFile } from '../../firmware-bridge/read-bridge-file.ts'
import { inProject, readText } from './project.ts'

/** The bridge's reader finds more mistakes than the shared one: it knows the models. */
const read = readBridgeFile(inProject('deploy/example/farm.yaml'))

it('the example is a configuration without mistakes', () => {
  expect(read).toMatchObject({ ok: true })
})

it('the example has two houses, each with air, scale and siren', () => {
  if (!read.ok) expect.unreachable(read.message)
  const { houses, links, outputs } = read.config
  expect(houses).toHaveLength(2)
  const inHouse = (house: string) =>
    links
      .flatMap((link) => link.devices)
      .filter((device) => device.house === house)
      .map(({ model }) => model)
  for (const { id } of houses) {
    expect(inHouse(id)).toEqual(expect.arrayContaining(['louver-shield', 'xk3190', 'relay-8ch']))
    expect(outputs).toContainEqual(expect.objectContaining({ house: id, output: 'siren' }))
  }
})

it('the example lets nobody in as it stands', () => {
  if (!read.ok) expect.unreachable(read.message)
  for (const { tokenSha256 } of read.config.users) expect(tokenSha256).toBe('0'.repeat(64))
})

it.each(devices)(
  'the installer’s table of devices names $model and its speed, or how it is reached',
  (device) => {
    const { model } = device
    const row = readText('docs/installer/devices.md')
      .split('\n')
      .find((text) => text.startsWith(`| \`${model}\``))
    const line = 'line' in device ? device.line : undefined
    const reached = line ? [String(line.baudRate)] : (mediaOf(device)?.vias ?? []).map((via) => `\`${via}\``)
    if (device.kind === 'ups') reached.push('`via: nut`')
    expect(reached.length).toBeGreaterThan(0)
    for (const word of reached) expect(row).toContain(word)
  },
)

it.each(Object.keys(dialects))('the installer’s pages name the dialect %s', (dialect) => {
  expect(readText('docs/installer/devices.md')).toContain(`\`${dialect}\``)
})
