import type { ConfigMistake } from '#domain/config.ts'
import { linkKinds } from '#domain/link-config.ts'
import { type DeviceDefinition, mediaOf } from './devices/definition.ts'
import { type Catalogue, createCatalogue } from './devices/index.ts'
import { patternMistake } from './framers/pattern-mistake.ts'
import { LOAD_FIELD } from './lines/stream-line.ts'

/**
 * The mistakes that only the bridge can see, for it alone knows the models: all of them, by place. Looks as
 * far as the shape allows, so that a file with other mistakes gets this advice too.
 */
export function checkDevices(input: unknown, catalogue: Catalogue = createCatalogue()): ConfigMistake[] {
  const root = asObject(input)
  const mistakes: ConfigMistake[] = []
  const add = (path: string, message: string) => mistakes.push({ path, message })

  const { user } = asObject(root['bridge'])
  if (typeof user === 'string' && !list(root['users']).some(({ id }) => id === user)) {
    add('/bridge/user', `there is no user "${user}"`)
  }
  const links = list(root['links'])
  for (const [index, link] of links.entries()) checkLink(link, `/links/${index}/devices`, catalogue, add)

  const modelOf = new Map(links.flatMap((link) => list(link['devices']).map(({ id, model }) => [id, model])))
  list(root['outputs']).forEach(({ device, output }, index) => {
    const definition = definitionOf(catalogue, modelOf.get(device))
    if (definition && !hasOutput(definition, output)) {
      add(`/outputs/${index}/output`, `"${device}" (${definition.model}) has no ${output}`)
    }
  })
  return mistakes
}

function checkLink(link: Loose, path: string, catalogue: Catalogue, add: Add): void {
  const units = new Set<unknown>()
  const members = list(link['devices'])
  const { type } = asObject(link['via'])
  const isTcp = type === 'modbus-tcp'
  members.forEach(({ model, unit, metrics, scales, line, thermal, picture }, index) => {
    const at = `${path}/${index}`
    const definition = definitionOf(catalogue, model)
    if (!definition) {
      if (typeof model === 'string')
        add(
          `${at}/model`,
          `"${model}" is not one of ${catalogue.devices.map((known) => known.model).join(', ')}`,
        )
      return
    }
    const reached = reachMistake(definition, type)
    if (reached) add(`${at}/model`, reached)
    if (thermal !== undefined) checkThermal(definition, asObject(thermal), `${at}/thermal`, add)
    if (picture !== undefined) checkPicture(definition, asObject(picture), `${at}/picture`, add)
    if (line !== undefined) checkLine(definition, asObject(line), `${at}/line`, add)
    if (definition.kind !== 'modbus') {
      if (members.length > 1) add(at, `${definition.model} sends by itself and needs a link of its own`)
    } else if (unit === undefined) {
      add(`${at}/unit`, `${definition.model} needs its Modbus address`)
    } else if (!isTcp && (unit === 0 || Number(unit) > 250)) {
      add(`${at}/unit`, 'an address on a bus is 1 to 250')
    } else if (units.has(unit)) {
      add(`${at}/unit`, `two devices on this link answer to ${unit}`)
    }
    units.add(unit)
    const names =
      definition.kind === 'modbus' || definition.kind === 'ups'
        ? definition.fields.map(({ name }) => name)
        : []
    if (definition.kind === 'load') {
      checkLoad(asObject(metrics), scales, at, add)
      return
    }
    for (const [key, named] of Object.entries({ metrics, scales })) {
      for (const name of Object.keys(asObject(named))) {
        const known = names.length > 0 ? `its fields are ${names.join(', ')}` : 'its metrics are fixed'
        if (!names.includes(name))
          add(`${at}/${key}/${name}`, `${definition.model} has no "${name}"; ${known}`)
      }
    }
  })
}

/** The load of a scale is birds', unless a silo hangs on it. */
function checkLoad(metrics: Loose, scales: unknown, at: string, add: Add): void {
  for (const [name, metric] of Object.entries(metrics))
    if (name !== LOAD_FIELD || metric !== 'feed.stock')
      add(`${at}/metrics/${name}`, `only { ${LOAD_FIELD}: feed.stock } can stand here, for a silo`)
  if (scales !== undefined) add(`${at}/scales`, 'the unit of a scale is set on its indicator')
}

const onBytes = ['serial', 'tcp', 'replay']
const onBus = [...onBytes, 'modbus-tcp']

/** Why this model is not reached in this way; undefined where it is, or where the way itself is a mistake. */
function reachMistake(definition: DeviceDefinition, type: unknown): string | undefined {
  const ways = waysTo(definition)
  if (typeof type !== 'string' || !isWay(type) || ways.includes(type)) return undefined
  if (type === 'modbus-tcp') return `${definition.model} does not speak Modbus`
  return `${definition.model} is not reached by ${type}, but by ${ways.join(', ')}`
}

function waysTo(definition: DeviceDefinition): string[] {
  const media = mediaOf(definition)
  if (media) return [...media.vias, 'replay']
  if (definition.kind === 'ups') return ['nut']
  return definition.kind === 'modbus' ? onBus : onBytes
}

const isWay = (type: string): boolean => Object.hasOwn(linkKinds, type)

function checkThermal(definition: DeviceDefinition, thermal: Loose, path: string, add: Add): void {
  if (definition.kind !== 'thermal') add(path, `${definition.model} is no thermal camera`)
  else if (!definition.measuresAmbient && thermal['reflectedC'] === undefined)
    add(`${path}/reflectedC`, `${definition.model} does not measure the house around it: say how warm it is`)
  else if (definition.workedOut === 'here' && thermal['deviceEmissivity'] !== undefined)
    add(`${path}/deviceEmissivity`, `the temperatures of ${definition.model} are worked out here`)
}

function checkPicture(definition: DeviceDefinition, picture: Loose, path: string, add: Add): void {
  if (definition.kind !== 'camera' && definition.kind !== 'thermal')
    add(path, `${definition.model} makes no pictures`)
  else if (definition.kind === 'thermal' && picture['maxWidth'] !== undefined)
    add(`${path}/maxWidth`, 'a thermal picture is taken as it is')
}

function checkLine(definition: DeviceDefinition, line: Loose, path: string, add: Add): void {
  if (definition.kind !== 'load' || !definition.configured) {
    add(path, `${definition.model} writes in a format of its own`)
    return
  }
  const { pattern, zero, countsPerGram } = line
  const mistake = typeof pattern === 'string' ? patternMistake(pattern) : undefined
  if (mistake) add(`${path}/pattern`, mistake)
  if (countsPerGram === 0) add(`${path}/countsPerGram`, 'a load that moves nothing cannot be weighed')
  if (zero !== undefined && countsPerGram === undefined)
    add(`${path}/countsPerGram`, 'raw counts need it: put a known mass on, divide the change by its grams')
}

const definitionOf = (catalogue: Catalogue, model: unknown) =>
  typeof model === 'string' ? catalogue.find(model) : undefined

const hasOutput = (definition: DeviceDefinition, output: unknown): boolean =>
  definition.kind === 'modbus' && typeof output === 'string' && Object.hasOwn(definition.outputs, output)

type Add = (path: string, message: string) => void
type Loose = Record<string, unknown>
const asObject = (value: unknown): Loose => (typeof value === 'object' && value !== null ? { ...value } : {})
const list = (value: unknown): Loose[] => (Array.isArray(value) ? value.map(asObject) : [])
