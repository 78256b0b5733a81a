#!/usr/bin/env node
// npm run flockwise -- <command>
import { weighCommand } from './weigh.ts'

const commands = { weigh: weighCommand }

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : undefined
if (command) {
  const { exitCode, output } = command(args)
  ;(exitCode === 0 ? process.stdout : process.stderr).write(output)
  process.exitCode = exitCode
} else {
  process.stderr.write(`flockwise <command>. There are: ${Object.keys(commands).join(', ')}\n`)
  process.exitCode = 2
}
