// npm run eval -- <name> [folder] [--json]
import { figureCommand } from '../figures.ts'
import { weigh } from './weighing/weigh.ts'

process.exitCode = await figureCommand('eval', [weigh], process.argv.slice(2))
