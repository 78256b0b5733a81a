import type { LinePattern } from '#domain/config.ts'
import { createPatternFramer, type PatternFrame } from '../framers/line-pattern.ts'
import type { LoadDefinition, LoadSample } from './definition.ts'
import { isWeightUnit, toGrams } from './grams.ts'
import { loadDevice } from './load-device.ts'

/** What most sketches print: a number, a word before it or not, a unit behind it or not. */
const COMMON = '(?:[A-Za-z]+ ?[:=] *)?(?<value>[-+]?\\d+(?:\\.\\d+)?) *(?<unit>kg|g|lb)?'

/** An HX711's converter at its ends: the bridge is torn, not wired or overloaded. */
const saturated = new Set([0x7fffff, -0x800000])

/**
 * A board with an HX711 (or any other scale) that prints a weight a line. `line` in its configuration says how
 * it writes: a pattern, the unit, and for raw counts where zero stands and how many counts make a gram.
 */
function lineScaleFor({ pattern = COMMON, unit = 'g', zero, countsPerGram }: LinePattern): LoadDefinition {
  const isRaw = zero !== undefined || countsPerGram !== undefined

  function toSample({ value, unit: said, stable }: PatternFrame): LoadSample | undefined {
    const moving = stable !== undefined && { stable }
    if (isRaw) {
      if (saturated.has(value)) return { grams: undefined, ...moving }
      return { grams: toGrams((value - (zero ?? 0)) / (countsPerGram ?? 1), 'g'), ...moving }
    }
    const inUnit = said ?? unit
    return isWeightUnit(inUnit) ? { grams: toGrams(value, inUnit), ...moving } : undefined
  }

  return loadDevice({
    model: 'line-scale',
    title: { zh: 'HX711 等逐行输出的秤', en: 'HX711 board or other scale that prints a weight a line' },
    line: { baudRate: 115_200 },
    createFramer: () => createPatternFramer(pattern),
    toSample,
    encode: ({ grams }) => new TextEncoder().encode(`weight: ${grams} g\r\n`),
    configured: ({ line }) => (line ? lineScaleFor(line) : lineScale),
  })
}

export const lineScale = lineScaleFor({})
