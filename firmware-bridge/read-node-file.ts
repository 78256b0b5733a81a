import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { describeMistakes, type NodeConfig, readConfig } from '#domain/config.ts'
import { checkDevices } from './check-devices.ts'

export type NodeFile = { ok: true; config: NodeConfig } | { ok: false; message: string }

/**
 * The node's configuration, YAML or JSON (which is YAML too). All mistakes at once, those of the models
 * included; files that it names are looked for beside it.
 */
export function readNodeFile(file: string): NodeFile {
  let input: unknown
  try {
    input = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return {
      ok: false,
      message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
  const result = readConfig(input)
  const mistakes = [...(result.ok ? [] : result.mistakes), ...checkDevices(input)]
  if (!result.ok || mistakes.length > 0) return { ok: false, message: describeMistakes(file, mistakes) }
  return { ok: true, config: withPathsBeside(dirname(file), result.config) }
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
