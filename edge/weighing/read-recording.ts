/** One line of a recording: UTC ms and g. NaN where the value is missing or no number. */
export type Sample = { t: number; grams: number }
export type Recording = { samples: Sample[]; stepMs: number; mistakes: { line: number; text: string }[] }

const MAX_MISTAKES = 20
const SLOWEST_MS = 5_000
const FASTEST_MS = 10

/**
 * Reads a CSV of time and load, with or without a heading. Time: ISO 8601, `2026-06-01 13:05:00` (taken as it
 * stands, the day is the day that it says), or a number of seconds or milliseconds since 1970. Decimal comma with
 * `;` between the columns is fine. A line without a time is a mistake; one without a load is a missing value.
 */
export function readRecording(csv: string): Recording {
  const samples: Sample[] = []
  const mistakes: Recording['mistakes'] = []
  let start = 0
  for (let line = 1; start < csv.length; line++) {
    const end = csv.indexOf('\n', start)
    const text = csv.slice(start, end < 0 ? csv.length : end).trim()
    start = end < 0 ? csv.length : end + 1
    if (text === '') continue
    const isSemicolon = text.includes(';')
    const [time = '', load = ''] = text.split(isSemicolon ? ';' : ',')
    const t = readTime(time.trim())
    if (Number.isNaN(t)) {
      if (line > 1 && mistakes.length < MAX_MISTAKES) mistakes.push({ line, text: text.slice(0, 60) })
      continue
    }
    const value = (isSemicolon ? load.replace(',', '.') : load).trim()
    samples.push({ t, grams: value === '' ? Number.NaN : Number(value) })
  }
  return { samples, stepMs: stepOf(samples), mistakes }
}

function readTime(text: string): number {
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000)
  if (/^\d{12,13}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text)) return Number.NaN
  const iso = text.replace(' ', 'T')
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
}

/** The usual time between two samples, ms. */
function stepOf(samples: readonly Sample[]): number {
  const steps: number[] = []
  for (let index = 1; index < samples.length && steps.length < 2_000; index++) {
    const step = (samples[index] as Sample).t - (samples[index - 1] as Sample).t
    if (step > 0) steps.push(step)
  }
  // Recorders that round to seconds say 1, 1, 2, 1 …: the mean of the ordinary ones is the truth.
  const middle = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 1_000
  const ordinary = steps.filter((step) => step <= 3 * middle)
  const mean = ordinary.reduce((sum, step) => sum + step, 0) / Math.max(1, ordinary.length)
  return Math.min(SLOWEST_MS, Math.max(FASTEST_MS, mean || middle))
}
