import { sexes } from '../flock.ts'
import type { BreedStandard, Sex, StandardRow } from './breed-standard.ts'
import type { CurveMistake, CurveMistakeCode } from './curve-mistake.ts'

export type ParsedCurve =
  | { ok: true; rows: BreedStandard['rows']; ignoredColumns: string[] }
  | { ok: false; mistakes: CurveMistake[] }

/** A thousand days of three sexes need half of this. */
const MAX_CHARACTERS = 200_000
/** More than this is not a slip but the wrong file; the list ends with `more-mistakes`. */
const MAX_MISTAKES = 200
const MIN_ROWS = 2

/** Numeric columns: the names we take for each, lower case without blanks, and what is possible for poultry. */
const numericColumns = {
  day: { names: ['day', 'days', 'age', 'age_days', '日龄'], min: 0, max: 1000 },
  /** A breed guide's week 18 is its end: day 126. */
  week: { names: ['week', 'weeks', 'age_weeks', '周龄'], min: 0, max: 142 },
  bw_g: { names: ['bw_g', 'weight_g', 'body_weight_g', '体重', '体重g', '体重(g)'], min: 5, max: 30_000 },
  daily_feed_g: { names: ['daily_feed_g', 'feed_g', '日采食量', '日采食量(g)'], min: 0, max: 2000 },
  cum_feed_g: { names: ['cum_feed_g', '累计采食量', '累计采食量(g)'], min: 0, max: 500_000 },
  fcr: { names: ['fcr', 'cum_fcr', '料肉比', '料重比'], min: 0, max: 20 },
} as const
type NumericColumn = keyof typeof numericColumns

const sexColumnNames = ['sex', '性别']
const sexNames: Record<Sex, readonly string[]> = {
  'as-hatched': ['', 'as_hatched', 'as-hatched', 'ashatched', 'mixed', 'ah', '混养', '混合'],
  male: ['male', 'm', '公'],
  female: ['female', 'f', '母'],
}

type Header = { at: Map<NumericColumn | 'sex', number>; width: number; ignoredColumns: string[] }
type NumberedRow = { line: number; sex: Sex; row: StandardRow }
type Report = (code: CurveMistakeCode, line: number, column?: string, value?: string) => void

/**
 * Reads a growth curve: a header with `day` (or `week`) and `bw_g`, optionally `daily_feed_g`, `cum_feed_g`,
 * `fcr`, `sex`; Chinese headings work too; other columns are ignored and named. Takes what spreadsheets write: a byte order mark, any line
 * end, `,` `;` or tab between fields, decimal commas unless `,` separates, a `sep=` line, `#` comments.
 * Gives the rows by rising age, or every mistake with its line. Never throws.
 */
export function parseCurveCsv(text: string): ParsedCurve {
  const mistakes: CurveMistake[] = []
  let unsaid = 0
  const report: Report = (code, line, column, value) => {
    if (mistakes.length === MAX_MISTAKES) unsaid++
    else
      mistakes.push({
        code,
        line,
        ...(column === undefined ? {} : { column }),
        ...(value === undefined ? {} : { value: value.slice(0, 40) }),
      })
  }
  if (text.length > MAX_CHARACTERS) {
    report('too-large', 1)
    return { ok: false, mistakes }
  }

  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const saidDelimiter = /^"?sep=(.)"?$/i.exec(lines[0]?.trim() ?? '')?.[1]
  const isContent = (line: string | undefined) =>
    line !== undefined && line.trim() !== '' && !line.trimStart().startsWith('#')
  const headerIndex = lines.findIndex((line, index) => isContent(line) && !(index === 0 && saidDelimiter))
  const headerLine = lines[headerIndex]
  if (headerLine === undefined) {
    report('empty', 1)
    return { ok: false, mistakes }
  }
  const delimiter = saidDelimiter ?? [';', '\t'].find((candidate) => headerLine.includes(candidate)) ?? ','
  const header = readHeader(splitFields(headerLine, delimiter), headerIndex + 1, report)
  if (!header) return { ok: false, mistakes }

  const found: NumberedRow[] = []
  lines.forEach((line, index) => {
    if (index <= headerIndex || !isContent(line)) return
    const row = readRow(splitFields(line, delimiter), header, delimiter !== ',', index + 1, report)
    if (row) found.push(row)
  })

  const rows: BreedStandard['rows'] = {}
  for (const sex of sexes) {
    const ofSex = found.filter((one) => one.sex === sex).sort((a, b) => a.row[0] - b.row[0])
    checkOrder(ofSex, report)
    if (ofSex.length > 0) rows[sex] = ofSex.map(({ row }) => row)
  }
  const tooShort = Object.values(rows).some((one) => one.length < MIN_ROWS) || found.length === 0
  // With other mistakes this one would only repeat them: bad rows are not counted.
  if (tooShort && mistakes.length === 0) report('too-few-rows', lines.length)
  mistakes.sort((a, b) => a.line - b.line)
  if (unsaid > 0) mistakes.push({ code: 'more-mistakes', line: lines.length, value: String(unsaid) })
  return mistakes.length > 0
    ? { ok: false, mistakes }
    : { ok: true, rows, ignoredColumns: header.ignoredColumns }
}

function readHeader(fields: string[] | undefined, line: number, report: Report): Header | undefined {
  if (!fields) {
    report('unclosed-quote', line)
    return undefined
  }
  const header: Header = { at: new Map(), width: fields.length, ignoredColumns: [] }
  let isUsable = true
  fields.forEach((field, index) => {
    const column = columnNamed(field)
    if (!column) {
      if (field !== '') header.ignoredColumns.push(field.slice(0, 40))
    } else if (header.at.has(column)) {
      report('duplicate-column', line, column)
      isUsable = false
    } else header.at.set(column, index)
  })
  if (!header.at.has('day') && !header.at.has('week')) report('missing-column', line, 'day')
  if (!header.at.has('bw_g')) report('missing-column', line, 'bw_g')
  return isUsable && header.at.has('bw_g') && (header.at.has('day') || header.at.has('week'))
    ? header
    : undefined
}

function columnNamed(heading: string): NumericColumn | 'sex' | undefined {
  const name = heading.toLowerCase().replace(/\s+/g, '').replace(/（/g, '(').replace(/）/g, ')')
  if (sexColumnNames.includes(name)) return 'sex'
  const columns = Object.keys(numericColumns) as NumericColumn[]
  return columns.find((column) => numericColumns[column].names.some((known) => known === name))
}

function readRow(
  fields: string[] | undefined,
  header: Header,
  hasDecimalComma: boolean,
  line: number,
  report: Report,
): NumberedRow | undefined {
  if (!fields) {
    report('unclosed-quote', line)
    return undefined
  }
  if (fields.slice(header.width).some((field) => field !== '')) {
    report('too-many-fields', line)
    return undefined
  }

  let isGood = true
  const fail = (code: CurveMistakeCode, column: string, value?: string) => {
    report(code, line, column, value)
    isGood = false
    return null
  }
  const read = (column: NumericColumn, isRequired: boolean): number | null => {
    const index = header.at.get(column)
    const field = (index === undefined ? undefined : fields[index]) ?? ''
    if (field === '') return isRequired ? fail('missing-value', column) : null
    const value = readNumber(field, hasDecimalComma)
    if (value === undefined) return fail('not-a-number', column, field)
    const { min, max } = numericColumns[column]
    return value >= min && value <= max ? value : fail('out-of-range', column, field)
  }

  const age = header.at.has('day') ? read('day', true) : read('week', true)
  const weight = read('bw_g', true)
  const feeds = [read('daily_feed_g', false), read('cum_feed_g', false), read('fcr', false)] as const
  const sexField = fields[header.at.get('sex') ?? -1] ?? ''
  const sex = sexes.find((one) => sexNames[one].includes(sexField.toLowerCase()))
  if (!sex) fail('unknown-sex', 'sex', sexField)
  if (!isGood || age === null || weight === null || !sex) return undefined
  return { line, sex, row: [header.at.has('day') ? age : age * 7, weight, ...feeds] }
}

/** Says what cannot be in a growing flock. Expects rows of one sex by rising age. */
function checkOrder(rows: readonly NumberedRow[], report: Report): void {
  let before: NumberedRow | undefined
  let heaviestG = 0
  let mostFeedG = 0
  for (const one of rows) {
    const [day, weightG, , feedG] = one.row
    if (before?.row[0] === day) report('duplicate-day', Math.max(before.line, one.line), 'day', String(day))
    else if (weightG < heaviestG) report('weight-falls', one.line, 'bw_g', String(weightG))
    else if (feedG !== null && feedG < mostFeedG) report('feed-falls', one.line, 'cum_feed_g', String(feedG))
    heaviestG = Math.max(heaviestG, weightG)
    mostFeedG = Math.max(mostFeedG, feedG ?? 0)
    before = one
  }
}

/** Undefined for anything but digits with one decimal mark: a thousands separator is not guessed at. */
function readNumber(field: string, hasDecimalComma: boolean): number | undefined {
  const plain = hasDecimalComma ? field.replace(',', '.') : field
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : undefined
}

/** Undefined when a quotation mark stays open at the end of the line. */
function splitFields(line: string, delimiter: string): string[] | undefined {
  const fields: string[] = []
  let field = ''
  let isQuoted = false
  for (let index = 0; index < line.length; index++) {
    const character = line[index]
    if (character === '"' && isQuoted && line[index + 1] === '"') {
      field += '"'
      index++
    } else if (character === '"') isQuoted = !isQuoted
    else if (character === delimiter && !isQuoted) {
      fields.push(field.trim())
      field = ''
    } else field += character
  }
  return isQuoted ? undefined : [...fields, field.trim()]
}
