import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { esphome } from '#domain/dialects/esphome.ts'
import { findDevice } from '../../firmware-bridge/devices/index.ts'
import { inProject, readText } from './project.ts'

type Part = Record<string, unknown> & { platform?: string; name?: string; internal?: boolean }
type Board = {
  substitutions: { name: string }
  mqtt?: { topic_prefix: string; discovery: boolean; username: string }
  sensor: Part[]
  binary_sensor?: Part[]
}

const files = readdirSync(inProject('deploy/esphome')).filter((file) => file.endsWith('.yaml'))
const custom = ['!secret', '!lambda'].map((tag) => ({ tag, resolve: (text: string) => text }))
const read = (file: string) => parse(readText(`deploy/esphome/${file}`), { customTags: custom }) as Board

/** As ESPHome makes an object id of a name: lower case, `_` for what is no letter or digit. */
const objectId = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '_')

/** Everything with a name that is published: sensors, and the sensors inside them. */
function namesOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => [
    ...(part.name !== undefined && part.internal !== true ? [part.name] : []),
    ...namesOf(
      Object.values(part).filter(
        (inner): inner is Part =>
          typeof inner === 'object' && inner !== null && !Array.isArray(inner) && 'name' in inner,
      ),
    ),
  ])
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe.each(files)('deploy/esphome/%s', (file) => {
  const board = read(file)

  it('says nothing that the edge does not understand', () => {
    const prefix = board.mqtt?.topic_prefix.replace(/\$\{name\}/, board.substitutions.name) ?? 'none'
    const said = [
      ...namesOf(board.sensor).map((name) => [`${prefix}/sensor/${objectId(name)}/state`, '21.5'] as const),
      ...namesOf(board.binary_sensor ?? []).map(
        (name) => [`${prefix}/binary_sensor/${objectId(name)}/state`, 'ON'] as const,
      ),
    ]
    for (const [topic, payload] of board.mqtt ? said : [])
      expect(esphome.decode(prefix, {}, topic, bytes(payload)), topic).toMatchObject({ kind: 'values' })
    if (board.mqtt) {
      expect(board.mqtt.discovery).toBe(false)
      expect(said.length).toBeGreaterThan(5)
    }
  })

  it('uses no pin twice', () => {
    const pins = [...readText(`deploy/esphome/${file}`).matchAll(/GPIO\d+/g)].map(([pin]) => pin)
    expect(new Set(pins).size).toBe(pins.length)
  })
})

it('the lines of the scale node are read as raw counts by line-scale', () => {
  const line = { zero: 84213, countsPerGram: 21.4 }
  const definition = findDevice('line-scale')
  if (definition?.kind !== 'load') expect.unreachable()
  const framer = (
    definition.configured?.({ id: 's', house: 'h1', model: 'line-scale', line }) ?? definition
  ).createFramer()
  const grams = [...framer.push(bytes('84213\n84213\n127013\n-5\n'))].flatMap((event) =>
    event.kind === 'frame' ? [Math.round(event.frame.grams ?? Number.NaN)] : [],
  )
  expect(grams).toEqual([0, 2000, -3935])
})

it.each(['wiring-scale-node', 'wiring-climate-node'])(
  'the drawing %s shows the pins of its configuration',
  (name) => {
    const drawn = readText(`docs/images/${name}.svg`)
    const file = name === 'wiring-scale-node' ? 'scale.yaml' : 'climate.yaml'
    const pins = [...readText(`deploy/esphome/${file}`).matchAll(/GPIO\d+/g)].map(([pin]) => pin)
    for (const pin of pins.filter((pin) => pin !== 'GPIO1')) expect(drawn).toContain(pin)
  },
)
