import { dirname, join, resolve } from 'node:path'
import type { LinkConfig, NodeConfig } from '#domain/config.ts'
import { readNodeFile } from '#node-file/read-node-file.ts'
import { checkDevices } from './check-devices.ts'
import { type Catalogue, createCatalogue } from './devices/index.ts'
import { PROFILE_FOLDER, readProfiles } from './read-profiles.ts'

export type BridgeFile =
  | { ok: true; config: NodeConfig; catalogue: Catalogue }
  | { ok: false; message: string }

/**
 * The node's configuration with the models checked, and the device profiles in the folder beside it; files that
 * it names are looked for beside it.
 */
export function readBridgeFile(file: string): BridgeFile {
  const folder = dirname(file)
  const profiles = readProfiles(join(folder, PROFILE_FOLDER))
  const catalogue = createCatalogue(profiles.definitions)
  const read = readNodeFile(file, (input) => [...checkDevices(input, catalogue), ...profiles.mistakes])
  return read.ok ? { ok: true, config: withPathsBeside(folder, read.config), catalogue } : read
}

/** Paths in a configuration are meant from its own folder. */
export function withPathsBeside<Configured extends Pick<NodeConfig, 'links'>>(
  folder: string,
  config: Configured,
): Configured {
  return { ...config, links: config.links.map((link) => ({ ...link, via: beside(folder, link.via) })) }
}

function beside(folder: string, via: LinkConfig): LinkConfig {
  if (via.type === 'replay') return { ...via, file: resolve(folder, via.file) }
  if (via.type === 'folder') return { ...via, path: resolve(folder, via.path) }
  if (!('passwordFile' in via) || via.passwordFile === undefined) return via
  return { ...via, passwordFile: resolve(folder, via.passwordFile) }
}
