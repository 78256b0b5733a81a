import { dirname, resolve } from 'node:path'
import type { NodeConfig } from '#domain/config.ts'
import { type NodeFile, readNodeFile } from '#node-file/read-node-file.ts'
import { checkDevices } from './check-devices.ts'

/** The node's configuration with the models checked; files that it names are looked for beside it. */
export function readBridgeFile(file: string): NodeFile {
  const read = readNodeFile(file, checkDevices)
  return read.ok ? { ok: true, config: withPathsBeside(dirname(file), read.config) } : read
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
