import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describeMistakes, type NodeConfig, readConfig } from '#domain/config.ts'
import { checkDevices } from './check-devices.ts'
import { type Catalogue, createCatalogue } from './devices/index.ts'
import { PROFILE_FOLDER, readProfiles } from './read-profiles.ts'
import { readYaml } from './read-yaml.ts'

export type NodeFile = { ok: true; config: NodeConfig; catalogue: Catalogue } | { ok: false; message: string }

/**
 * The node's configuration, YAML or JSON (which is YAML too), and the device profiles in the folder beside it.
 * All mistakes at once, those of the models included; files that it names are looked for beside it.
 */
export function readNodeFile(file: string): NodeFile {
  const input = readYaml(() => readFileSync(file, 'utf8'))
  if (!input.ok) return { ok: false, message: `${file} cannot be read: ${input.reason}` }
  const profiles = readProfiles(join(dirname(file), PROFILE_FOLDER))
  const catalogue = createCatalogue(profiles.definitions)
  const result = readConfig(input.value)
  const mistakes = [
    ...(result.ok ? [] : result.mistakes),
    ...checkDevices(input.value, catalogue),
    ...profiles.mistakes,
  ]
  if (!result.ok || mistakes.length > 0) return { ok: false, message: describeMistakes(file, mistakes) }
  return { ok: true, config: withPathsBeside(dirname(file), result.config), catalogue }
}

function withPathsBeside(folder: string, config: NodeConfig): NodeConfig {
  return {
    ...config,
    links: config.links.map((link) =>
      link.via.type === 'replay'
        ? { ...link, via: { ...link.via, file: resolve(folder, link.via.file) } }
        : link,
    ),
  }
}
