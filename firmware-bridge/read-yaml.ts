import { parse, parseDocument, stringify } from 'yaml'

export type YamlResult = { ok: true; value: unknown } | { ok: false; reason: string }

/** YAML, or JSON, which is YAML too. What `read` throws is a reason as well. */
export function readYaml(read: () => string): YamlResult {
  try {
    return { ok: true, value: parse(read()) }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

export const writeYaml = (value: unknown): string => stringify(value)

/** The same text with these links behind its own; comments and everything else stay as they are. */
export function addLinks(text: string, links: readonly unknown[]): string {
  const document = parseDocument(text)
  for (const link of links) document.addIn(['links'], document.createNode(link))
  return document.toString({ lineWidth: 0 })
}
