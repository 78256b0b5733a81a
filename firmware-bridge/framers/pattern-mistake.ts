/**
 * What is wrong with a line pattern, undefined when it may be used: regular expressions can take years over
 * 80 characters. Repeating nothing but single characters, few times, and hardly any character by several
 * repetitions at once, keeps the worst line to some hundred thousand steps.
 */
export function patternMistake(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_CHARS) return `is longer than ${MAX_PATTERN_CHARS} characters`
  let names: string[]
  try {
    // A pattern that also fits nothing names its groups.
    names = Object.keys(new RegExp(`(?:${pattern})|`).exec('')?.groups ?? {})
    new RegExp(pattern)
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
  if (!names.includes('value')) return 'has no group (?<value>…)'
  const stranger = names.find((name) => !groupNames.includes(name))
  if (stranger) return `has a group "${stranger}"; there are ${groupNames.join(', ')}`
  return costMistake(pattern)
}

const groupNames = ['value', 'unit', 'stable']
const MAX_PATTERN_CHARS = 200
/** `*`, `+`, `{…}`; and `?`, which doubles the work at most. */
const MAX_REPETITIONS = 6
const MAX_OPTIONAL = 6
/** Repetitions and optional parts that can take the same character. */
const MAX_SHARED = 3
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))

/** Group openings, group ends, then anything that stands for one character; each with its quantifier. */
const PART =
  /(?<open>\((?:\?(?::|<[A-Za-z]+>))?)|(?<close>\))|(?<anchor>[|^$])|(?<atom>\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[^()|*+?{])/g
const QUANTIFIER = /^(?:(?<many>[*+]|\{\d+(?:,\d*)?\})|(?<once>\?))\??/

function costMistake(pattern: string): string | undefined {
  if (/\(\?(?!:|<[A-Za-z])/.test(pattern)) return 'looks ahead or behind, which is not allowed'
  if (/\\[1-9k]/.test(pattern)) return 'refers back to a group, which is not allowed'
  if (/\\[bBpPcux]/.test(pattern))
    return 'uses an escape other than \\d \\w \\s \\D \\W \\S or a sign of punctuation'
  const repeated: string[] = []
  let [repetitions, optional] = [0, 0]
  for (let at = 0; at < pattern.length; ) {
    PART.lastIndex = at
    const part = PART.exec(pattern)
    if (!part || part.index !== at) return `cannot be judged from "${pattern.slice(at)}" on`
    at += part[0].length
    const quantifier = part.groups?.['open'] ? null : QUANTIFIER.exec(pattern.slice(at))
    if (!quantifier) continue
    at += quantifier[0].length
    const isMany = quantifier.groups?.['many'] !== undefined
    if (isMany) repetitions++
    else optional++
    if (!part.groups?.['close']) repeated.push(part[0])
    else if (isMany) return 'repeats a group, which is not allowed'
  }
  if (repetitions > MAX_REPETITIONS) return `repeats ${repetitions} times; ${MAX_REPETITIONS} are allowed`
  if (optional > MAX_OPTIONAL) return `has ${optional} optional parts; ${MAX_OPTIONAL} are allowed`
  const sets = repeated.map((atom) => new RegExp(`^${atom}$`))
  const contested = printable.find((char) => sets.filter((set) => set.test(char)).length > MAX_SHARED)
  if (contested !== undefined)
    return `lets more than ${MAX_SHARED} repetitions take the same character, e.g. "${contested}"`
  return undefined
}
