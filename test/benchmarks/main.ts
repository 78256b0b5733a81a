// npm run bench -- <name> [--json] [--full]
import { figureCommand } from '../figures.ts'
import { bridge } from './bridge.ts'
import { newcomer } from './newcomer.ts'
import { path } from './path.ts'
import { sync } from './sync.ts'
import { weigh } from './weigh.ts'

process.exitCode = await figureCommand('bench', [bridge, newcomer, path, sync, weigh], process.argv.slice(2))
