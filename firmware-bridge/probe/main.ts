// node firmware-bridge/probe/main.ts [port …] [--house h1] [--write farm.yaml] [--all-units]
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Clock } from '#domain/time.ts'
import { createCatalogue } from '../devices/index.ts'
import { hideLogIns } from '../links/address.ts'
import { connectLine } from '../links/connect-line.ts'
import { listPorts } from '../links/serial-ports.ts'
import { PROFILE_FOLDER, readProfiles } from '../read-profiles.ts'
import { addLinks, readYaml, writeYaml } from '../read-yaml.ts'
import { type Probed, probeCamera, probeLine } from './probe.ts'
import { describe, linksFor, parsePort } from './report.ts'

const clock: Clock = { now: Date.now, monotonic: () => performance.now() }
const stop = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    house: { type: 'string', default: 'h1' },
    write: { type: 'string' },
    'all-units': { type: 'boolean', default: false },
  },
})

const known = listPorts('/dev/serial')
if (positionals.length === 0 && known.length === 0)
  stop(
    'There is no serial adapter on this machine. Plug one in, or name a port: /dev/ttyS0, tcp:192.168.1.50:4001',
  )
for (const { path, device } of known) console.log(`${device}  ${path}`)

const ports = (positionals.length > 0 ? positionals : known.map(({ path }) => path)).map((text) => ({
  text,
  via:
    parsePort(text) ??
    stop(`"${hideLogIns(text)}" is no port: write a path, tcp:host:port, modbus-tcp:host:port or rtsp://…`),
}))

/** New devices come with a low address; 200 and 250 are answered by some makers' whatever they are set to. */
const usualUnits = [...Array.from({ length: 20 }, (_, index) => index + 1), 200, 247, 250]
const units = values['all-units'] ? Array.from({ length: 250 }, (_, index) => index + 1) : usualUnits

const own = readProfiles(join(dirname(values.write ?? '.'), PROFILE_FOLDER))
for (const { path, message } of own.mistakes) console.error(`${path}: ${message}`)
const catalogue = createCatalogue(own.definitions)

const found: Probed[] = []
for (const { text, via } of ports) {
  const say = (what: string) => console.error(`${hideLogIns(text)}: ${what}`)
  const probed =
    'url' in via
      ? await probeCamera(via)
      : await probeLine(via, { catalogue, clock, connectLine, units, say })
  console.log(describe(text, probed))
  found.push(probed)
}

for (const probed of found)
  if (probed.kind === 'camera' && probed.needsPassword)
    console.log(
      'Write the password into the file that passwordFile names, beside farm.yaml, and nowhere else.',
    )

if (values.write === undefined) {
  const links = linksFor(found, values.house, [])
  if (links.length > 0) console.log(`\nFor farm.yaml:\n\n${writeYaml({ links })}`)
} else {
  writeInto(values.write)
}

function writeInto(file: string): void {
  const text = readFileSync(file, 'utf8')
  const read = readYaml(() => text)
  const root = read.ok ? read.value : stop(`${file} cannot be read: ${read.reason}`)
  const links = linksFor(found, values.house, idsIn(root))
  if (links.length > 0) writeFileSync(file, addLinks(text, links))
  console.log(`${file}: ${links.length} links added. Look through them before you start the bridge.`)
}

/** Every id of the file, whatever it names: a new one must not be any of them. */
function idsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(idsIn)
  return 'id' in value && typeof value.id === 'string' ? [value.id, ...inner] : inner
}
