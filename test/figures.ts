// Figures: what `npm run bench -- <name>` and `npm run eval -- <name>` measure. One file per figure beside the
// main.ts of its kind, one line in that file's list, one shape for all: a readable table, and with --json as the
// last line one JSON object with every declared key.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export type FigureValue = number | string | boolean | object | null

export type FigureOptions = {
  /** The counts of a full run instead of those that fit in ten minutes on two cores. */
  full: boolean
  /** The command line without the figure's name, --json and --full: a folder, flags of its own. */
  args: string[]
  /** Tells the person who waits what is going on (goes to stderr). */
  say: (text: string) => void
}

/** `n`: how many samples stand behind the figure. `why`: for each key that is null, the reason. */
export type Measured = Record<string, FigureValue> & { n: number; why?: Record<string, string> }

export type Figure = {
  name: string
  summary: string
  keys: readonly string[]
  /** Debian packages that it cannot do without, e.g. chromium: installed first where that is permitted. */
  needs?: readonly string[]
  run: (options: FigureOptions) => Promise<Measured>
}

export type Commit = { commit: string | null; uncommittedChanges?: true; why?: string }
export type FigureRun = { exitCode: number; output: string }

type Surroundings = {
  command: string
  commit: () => Promise<Commit>
  install: (packages: readonly string[]) => Promise<void>
  say: (text: string) => void
}

export const projectRoot = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs the figure that `argv` names and returns what to print. Exit code 2: no such figure. 1: the figure could
 * not be measured at all, or it broke its promise about keys, which is a fault of the figure.
 */
export async function runFigure(
  figures: readonly Figure[],
  argv: readonly string[],
  around: Surroundings,
): Promise<FigureRun> {
  const own = ['--json', '--full']
  const [name, ...args] = argv.filter((word) => !own.includes(word))
  const figure = figures.find((candidate) => candidate.name === name)
  if (!figure) return { exitCode: 2, output: listFigures(figures, name, around.command) }

  await around.install(figure.needs ?? [])
  const full = argv.includes('--full')
  const measured = await figure.run({ full, args, say: around.say })
  const { n, why = {}, ...values } = measured
  const broken = brokenPromises(figure, values, why)
  if (broken.length > 0)
    return { exitCode: 1, output: `${around.command} ${figure.name}: ${broken.join('; ')}\n` }

  const { why: noCommit, ...commit } = await around.commit()
  const reasons = { ...why, ...(noCommit && { commit: noCommit }) }
  const result = { ...values, n, ...commit, full }
  const output = table(`${around.command} ${figure.name}: ${figure.summary}`, result, reasons)
  if (!argv.includes('--json')) return { exitCode: 0, output }
  const json = { ...result, ...(Object.keys(reasons).length > 0 && { why: reasons }) }
  return { exitCode: 0, output: `${output}${JSON.stringify(json)}\n` }
}

function brokenPromises(
  figure: Figure,
  values: Record<string, FigureValue>,
  why: Record<string, string>,
): string[] {
  return [
    ...figure.keys.filter((key) => !(key in values)).map((key) => `${key} is declared and was not given`),
    ...Object.keys(values)
      .filter((key) => values[key] === null && !why[key])
      .map((key) => `${key} is null and "why" does not say why`),
    ...Object.keys(values)
      .filter((key) => typeof values[key] === 'number' && !Number.isFinite(values[key]))
      .map((key) => `${key} is ${values[key]}, not a number`),
  ]
}

function listFigures(figures: readonly Figure[], name: string | undefined, command: string): string {
  const width = Math.max(0, ...figures.map((figure) => figure.name.length))
  const lines = figures.map((figure) => `  ${figure.name.padEnd(width)}  ${figure.summary}`)
  const first = name ? `${command}: there is no "${name}".` : `${command} needs a name.`
  const list = lines.length > 0 ? `There are:\n${lines.join('\n')}` : 'None can be measured yet.'
  return `${first} ${list}\n\nnpm run ${command} -- <name> [--json] [--full]\n`
}

function table(title: string, result: Record<string, FigureValue>, why: Record<string, string>): string {
  const width = Math.max(...Object.keys(result).map((key) => key.length))
  const rows = Object.entries(result).map(([key, value]) => {
    const shown = value === null ? `not measured: ${why[key]}` : readable(value)
    return `  ${key.padEnd(width)}  ${shown}\n`
  })
  return `${title}\n${rows.join('')}`
}

function readable(value: NonNullable<FigureValue>): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(4)))
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The command line around `runFigure`: prints, and returns the exit code. */
export async function figureCommand(
  command: string,
  figures: readonly Figure[],
  argv: readonly string[],
): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const { exitCode, output } = await runFigure(figures, argv, { command, commit, install, say })
  const stream = exitCode === 0 ? process.stdout : process.stderr
  stream.write(output)
  return exitCode
}

const run = promisify(execFile)

async function commit(): Promise<Commit> {
  const git = async (...args: string[]) => (await run('git', args, { cwd: projectRoot })).stdout.trim()
  try {
    const changed = (await git('status', '--porcelain')) !== ''
    return { commit: await git('rev-parse', 'HEAD'), ...(changed && { uncommittedChanges: true }) }
  } catch (error) {
    return { commit: null, why: `git does not say: ${String(error).split('\n')[0]}` }
  }
}

async function install(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return
  const { stdout } = await run(process.execPath, ['setup.mjs', '--with', packages.join(',')], {
    cwd: projectRoot,
  })
  process.stderr.write(stdout)
}
