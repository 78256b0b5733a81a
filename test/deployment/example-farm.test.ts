import { expect, it } from 'vitest'
import { dialects } from '#domain/dialects/index.ts'
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

it.each(devices.flatMap((device) => ('line' in device ? [{ model: device.model, line: device.line }] : [])))(
  'the installer’s table of devices names $model and its speed',
  ({ model, line }) => {
    const row = readText('docs/installer/devices.md')
      .split('\n')
      .find((text) => text.startsWith(`| \`${model}\``))
    expect(row).toContain(String(line.baudRate))
  },
)

it.each(Object.keys(dialects))('the installer’s pages name the dialect %s', (dialect) => {
  expect(readText('docs/installer/devices.md')).toContain(`\`${dialect}\``)
})
