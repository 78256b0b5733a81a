// npm run eval -- <name> [folder] [--json]
import { figureCommand } from '../figures.ts'

process.exitCode = await figureCommand('eval', [], process.argv.slice(2))
