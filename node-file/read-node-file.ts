import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type ConfigMistake, describeMistakes, type NodeConfig, readConfig } from '#domain/config.ts'

export type NodeFile = { ok: true; config: NodeConfig } | { ok: false; message: string }

/**
 * The node's configuration, YAML or JSON (which is YAML too), with all of its mistakes in one message.
 * `moreMistakes` looks at what was read, however wrong its shape, for those that only the caller can see.
 */
export function readNodeFile(
  file: string,
  moreMistakes: (input: unknown) => ConfigMistake[] = () => [],
): NodeFile {
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
  const mistakes = [...(result.ok ? [] : result.mistakes), ...moreMistakes(input)]
  if (!result.ok || mistakes.length > 0) return { ok: false, message: describeMistakes(file, mistakes) }
  return result
}
