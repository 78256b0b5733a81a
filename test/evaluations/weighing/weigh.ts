import type { Figure } from '../../figures.ts'
import { evaluatePerchScale } from './perch-figure.ts'
import { evaluateSimulated } from './simulated-figure.ts'

const folderKeys = ['maePercent', 'biasPercent', 'days', 'daysReportedPercent', 'constantMassWorstPercent']

/** `eval weigh <folder> [--calibrate-first]`: recordings of real birds against hand weighings. */
export const weigh: Figure = {
  name: 'weigh',
  summary:
    'weights against the truth: <folder> [--calibrate-first] for recordings, --simulated for simulated houses',
  keys: [],
  run: async (options) => {
    const { args, say } = options
    if (args.includes('--simulated')) return evaluateSimulated(options)
    const folder = args.find((word) => !word.startsWith('--'))
    if (folder === undefined) {
      const why = 'name a folder of recordings, or say --simulated'
      return {
        ...Object.fromEntries(folderKeys.map((key) => [key, null])),
        n: 0,
        why: Object.fromEntries(folderKeys.map((key) => [key, why])),
      }
    }
    return evaluatePerchScale(folder, args.includes('--calibrate-first'), say)
  },
}
