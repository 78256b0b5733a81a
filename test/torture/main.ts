// `npm run torture`: see README.md for its flags. Ends with 1 when anything was lost, came twice, or was made up.
import { figureCommand } from '../figures.ts'
import { torture } from './torture.ts'

let isWrong = false
const judged = {
  ...torture,
  run: async (...options: Parameters<typeof torture.run>) => {
    const measured = await torture.run(...options)
    isWrong = ['lost', 'duplicated', 'unexpected'].some((key) => measured[key] !== 0)
    return measured
  },
}
const exitCode = await figureCommand('run', [judged], [torture.name, ...process.argv.slice(2)])
process.exit(exitCode || (isWrong ? 1 : 0))
