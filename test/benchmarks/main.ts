// npm run bench -- <name> [--json] [--full]
import { figureCommand } from '../figures.ts'
import { bridge } from './bridge.ts'
import { newcomer } from './newcomer.ts'

process.exitCode = await figureCommand('bench', [bridge, newcomer], process.argv.slice(2))
