import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { weightAt } from '#domain/breeds/breed-standard.ts'
import { breedStandards, findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { readRecording } from '../edge/weighing/read-recording.ts'
import { type ReportedDay, type ReportOptions, reportRecording } from '../edge/weighing/recording-report.ts'

const usage = `flockwise weigh <file.csv[.gz]> [options]

A line for each sample: time, load in grams. Time as 2026-06-01 13:05:00, ISO 8601, or seconds or milliseconds
since 1970; a heading and other columns are fine.

  --expected <g>      what a bird weighs
  --breed <id>        or: its breed (${breedStandards.map(({ id }) => id).join(', ')})
  --placed <date>       with the day of placement
  --one-bird          the scale weighs one and the same bird
  --hanging           birds are weighed as they leave
  --tared             the empty scale shows 0
  --hand <file.csv>   hand weighings to compare with: a line for each day, date and grams
  --json              one JSON object instead of the table
`

type CommandResult = { exitCode: number; output: string }

/** Weighs a user's own recording. Exit code 2: the command line or the file is wrong, and `output` says what. */
export function weighCommand(args: string[]): CommandResult {
  const parsed = parse(args)
  if (typeof parsed === 'string') return { exitCode: 2, output: `${parsed}\n\n${usage}` }
  const { file, values } = parsed
  try {
    const expected = expectation(values)
    if (typeof expected === 'string') return { exitCode: 2, output: `${expected}\n\n${usage}` }
    const recording = readRecording(readText(file))
    if (recording.samples.length === 0)
      return { exitCode: 2, output: `${file}: no line has a time and a load\n` }
    const days = reportRecording(recording, {
      ...expected,
      oneBird: values['one-bird'] ?? false,
      type: values.hanging ? 'hanging' : 'platform',
      ...(values.tared && { zeroG: 0 }),
    })
    const errors = values.hand ? compare(days, readText(values.hand)) : undefined
    const { stepMs, samples, mistakes } = recording
    const summary = {
      samples: samples.length,
      samplesPerSecond: 1000 / stepMs,
      mistakes,
      days,
      ...(errors && { errors }),
    }
    return { exitCode: 0, output: values.json ? `${JSON.stringify(summary)}\n` : print(file, summary) }
  } catch (error) {
    return { exitCode: 2, output: `${file}: ${error instanceof Error ? error.message : String(error)}\n` }
  }
}

type Values = NonNullable<Exclude<ReturnType<typeof parse>, string>>['values']

function parse(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        expected: { type: 'string' },
        breed: { type: 'string' },
        placed: { type: 'string' },
        hand: { type: 'string' },
        'one-bird': { type: 'boolean' },
        hanging: { type: 'boolean' },
        tared: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    })
    const [file] = positionals
    return file === undefined ? 'Name the file of the recording.' : { file, values }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const DAY_MS = 86_400_000

function expectation({
  expected,
  breed,
  placed,
}: Values): Pick<ReportOptions, 'expectedG' | 'ageDays'> | string {
  if (expected !== undefined) {
    const grams = Number(expected)
    return grams > 0 ? { expectedG: () => grams } : `--expected ${expected} is no weight in grams.`
  }
  const standard = breed === undefined ? undefined : findBreedStandard(breed)
  if (!standard)
    return breed === undefined
      ? 'Say what a bird weighs: --expected, or --breed and --placed.'
      : `There is no breed "${breed}".`
  const from = Date.parse(placed ?? '')
  if (Number.isNaN(from)) return `--placed ${placed ?? ''} is no date; write 2026-06-01.`
  const ageDays = (t: number) => (t - from) / DAY_MS
  return {
    ageDays,
    expectedG: (t) => weightAt(standard, Math.min(56, Math.max(0, ageDays(t)))) ?? Number.NaN,
  }
}

function readText(file: string): string {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

type Errors = {
  days: { day: string; handG: number; errorPercent: number }[]
  maePercent: number | null
  biasPercent: number | null
}

function compare(days: readonly ReportedDay[], csv: string): Errors {
  const found = csv.split(/\r?\n/).flatMap((line) => {
    const [day = '', grams = ''] = line.split(',').map((cell) => cell.trim())
    const meanG = days.find((one) => one.day === day)?.meanG
    const handG = Number(grams)
    return meanG !== undefined && handG > 0 ? [{ day, handG, errorPercent: 100 * (meanG / handG - 1) }] : []
  })
  const mean = (values: number[]) =>
    values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null
  const errors = found.map(({ errorPercent }) => errorPercent)
  return { days: found, maePercent: mean(errors.map(Math.abs)), biasPercent: mean(errors) }
}

type Summary = {
  samples: number
  samplesPerSecond: number
  mistakes: { line: number; text: string }[]
  days: ReportedDay[]
  errors?: Errors
}

function print(file: string, { samples, samplesPerSecond, mistakes, days, errors }: Summary): string {
  const lines = [`${file}: ${samples} samples, ${samplesPerSecond.toFixed(1)} a second`]
  for (const { line, text } of mistakes) lines.push(`  line ${line} has no time: ${text}`)
  lines.push(
    '',
    `${'day'.padEnd(12)}${'mean g'.padStart(9)}  ${'95 % interval'.padEnd(18)}${'n'.padStart(6)}   CV %  ±10 %`,
  )
  for (const day of days) {
    const refused = counts({ ...day.rejects, ...day.faults })
    if (day.meanG === undefined) {
      lines.push(
        `${day.day.padEnd(12)}${'–'.padStart(9)}  ${(day.reason ?? '').padEnd(18)}${String(day.weights).padStart(6)}   ${refused}`,
      )
      continue
    }
    const interval = `${grams(day.low)} … ${grams(day.high)}`
    const spread =
      day.cvPercent === undefined
        ? '    –      –'
        : `${day.cvPercent.toFixed(1).padStart(5)}  ${(day.u10Percent ?? 0).toFixed(0).padStart(5)}`
    lines.push(
      `${day.day.padEnd(12)}${grams(day.meanG).padStart(9)}  ${interval.padEnd(18)}${String(day.weights).padStart(6)}  ${spread}   ${refused}`,
    )
  }
  if (errors && errors.maePercent !== null) {
    lines.push(
      '',
      `against ${errors.days.length} hand weighings: mean absolute error ${errors.maePercent.toFixed(2)} %, bias ${(errors.biasPercent ?? 0).toFixed(2)} %`,
    )
    for (const { day, handG, errorPercent } of errors.days)
      lines.push(`  ${day}  ${grams(handG)}  ${errorPercent >= 0 ? '+' : ''}${errorPercent.toFixed(2)} %`)
  }
  return `${lines.join('\n')}\n`
}

function grams(value: number | undefined): string {
  if (value === undefined) return '–'
  return value < 100 ? value.toFixed(2) : value.toFixed(0)
}

function counts(found: Record<string, number>): string {
  return Object.entries(found)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
