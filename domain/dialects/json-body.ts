import { type Dialect, type DialectResult, meaningOf, type NameMap, type Said, sayAs } from './dialect.ts'

/** What several dialects share: values somewhere inside JSON, named by their path, `AM2301.Temperature`. */
const MAX_DEPTH = 8
const MAX_LEAVES = 1000

export function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return undefined
  }
}

/** Undefined when the payload is no JSON object. */
export function parseObject(payload: Uint8Array): Record<string, unknown> | undefined {
  const body = parseJson(payload)
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : undefined
}

export type Leaf = { path: string; value: unknown }

/** Every value in there that is no object or list; of a huge or deep body the beginning. */
export function leavesOf(body: unknown): Leaf[] {
  const leaves: Leaf[] = []
  const walk = (value: unknown, path: string, depth: number): void => {
    if (leaves.length >= MAX_LEAVES) return
    if (typeof value !== 'object' || value === null) leaves.push({ path, value })
    else if (depth < MAX_DEPTH)
      for (const [name, inner] of Object.entries(value))
        walk(inner, path ? `${path}.${name}` : name, depth + 1)
  }
  walk(body, '', 0)
  return leaves
}

/** The opposite, for the simulator: one value under its path. */
export function bodyWith(path: string, value: unknown): unknown {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

/**
 * What the leaves say. A name is a path, or its last part where only one leaf has it: of two sensors that both
 * say `Temperature` the installer's map must tell which is which.
 */
export function sayLeaves(
  leaves: readonly Leaf[],
  map: NameMap,
  commonNames: Dialect['commonNames'],
  t: number | undefined,
): DialectResult {
  const times = new Map<string, number>()
  for (const { path } of leaves) times.set(lastOf(path), (times.get(lastOf(path)) ?? 0) + 1)
  const values: Said[] = []
  let unreadable = false
  for (const { path, value } of leaves) {
    const last = lastOf(path)
    const meaning =
      meaningOf(path, map, commonNames) ??
      (times.get(last) === 1 ? meaningOf(last, map, commonNames) : undefined)
    if (!meaning) continue
    const number = numberOf(value)
    if (number === undefined) unreadable = true
    else values.push(sayAs(meaning, number, t))
  }
  if (values.length > 0) return { kind: 'values', values }
  return { kind: 'unreadable', reason: unreadable ? 'not-a-number' : 'unmapped' }
}

/** A switch says ON or true where it is named as something that is on or off. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (value === true || value === 'ON') return 1
  if (value === false || value === 'OFF') return 0
  return undefined
}

/** UTC ms of an ISO time. One without a zone is local to an unknown clock: better no time than a wrong one. */
export function timeWithZone(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/T.*(Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined
  const t = Date.parse(text)
  return Number.isNaN(t) ? undefined : t
}
