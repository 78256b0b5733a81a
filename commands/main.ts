#!/usr/bin/env node
// npm run flockwise -- <command>
import { ledgerCommand } from './ledger.ts'
import { weighCommand } from './weigh.ts'

const commands = {
  ledger: (args: string[]) => ledgerCommand(args, process.env.FLOCKWISE_PASSWORD),
  weigh: weighCommand,
}

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : undefined
if (command) {
  const { exitCode, output } = await command(args)
  ;(exitCode === 2 ? process.stderr : process.stdout).write(output)
  process.exitCode = exitCode
} else {
  process.stderr.write(`flockwise <command>. There are: ${Object.keys(commands).join(', ')}\n`)
  process.exitCode = 2
}
