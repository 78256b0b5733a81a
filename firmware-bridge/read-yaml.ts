import { parse } from 'yaml'

export type YamlResult = { ok: true; value: unknown } | { ok: false; reason: string }

/** YAML, or JSON, which is YAML too. What `read` throws is a reason as well. */
export function readYaml(read: () => string): YamlResult {
  try {
    return { ok: true, value: parse(read()) }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}
