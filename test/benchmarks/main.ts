// npm run bench -- <name> [--json] [--full]
import { figureCommand } from '../figures.ts'
import { newcomer } from './newcomer.ts'
import { weigh } from './weigh.ts'

process.exitCode = await figureCommand('bench', [newcomer, weigh], process.argv.slice(2))
