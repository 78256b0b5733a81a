import { qualities } from '../reading.ts'
import { type ByteWriter, createByteWriter } from './bytes.ts'
import type { DictionaryBuilder } from './dictionary.ts'
import { type Mark, type SeriesRun, unitsOf } from './runs.ts'

/**
 * Readings as columns: what a sealed piece of the edge's store holds and what goes over the line.
 * `number` is LEB128, `signed` the same after zigzag (./bytes.ts).
 *
 * ```
 * columns  number base        the earliest time, UTC ms
 *          number readings
 *          number blocks
 *          block × blocks     one for each device
 *
 * block    signed             place of the device in the dictionary, less the place after the one before
 *          number             4 × columns + 2 × whole + single
 *                             single: one time. whole: the columns are the device's metrics from place 0 on,
 *                             each with a value at every time, unmarked and in units of 1: no heads
 *          number times       if not single
 *          number             first time − base
 *          number period      if not single: the usual step, ms
 *          signed × times − 1 step to each next time, less the period
 *          column × columns
 *
 * column   number head        8 × place of the metric + 4 × scaled + 2 × marked + sparse      (not if whole)
 *          ⌈times / 8⌉ bytes  if sparse: bit i (lowest first) is set where time i has a value, none beyond them
 *          number scale       if scaled: all steps are multiples of it
 *          signed             first value − ref of the dictionary
 *          signed × n − 1     step to each next value, divided by the scale
 *          number marks       if marked
 *          mark × marks
 *
 * mark     number             position, less the position after the mark before
 *          byte               quality + 4 × has n + 8 × has low + 16 × has high + 32 × has evidence
 *          number n, signed low − value, signed high − value    (low and high in the value's units)
 *          number length, evidence in UTF-8
 * ```
 *
 * Steps rather than values, as both are then small and alike; what is alike zstd packs further. One list of times
 * for a device, as what it measures it mostly measures at once.
 */
export function encodeColumns(runs: readonly SeriesRun[], dictionary: DictionaryBuilder): Uint8Array {
  const writer = createByteWriter()
  const blocks = blocksOf(runs, dictionary)
  let base = Number.MAX_SAFE_INTEGER
  let readings = 0
  for (const { t } of runs) {
    base = Math.min(base, t[0] ?? base)
    readings += t.length
  }
  writer.number(readings === 0 ? 0 : base)
  writer.number(readings)
  writer.number(blocks.length)
  let nextDevice = 0
  for (const block of blocks) {
    writer.signed(block.device - nextDevice)
    nextDevice = block.device + 1
    writeBlock(writer, block, base)
  }
  return writer.take()
}

type Column = { run: SeriesRun; place: number; ref: number }
type Block = { device: number; columns: Column[] }

function blocksOf(runs: readonly SeriesRun[], dictionary: DictionaryBuilder): Block[] {
  const blocks = new Map<number, Block>()
  for (const run of runs) {
    if (run.t.length === 0) continue
    const { device, metric } = dictionary.place(run.series, run.v[0] as number)
    const ref = dictionary.devices[device]?.metrics[metric]?.ref as number
    const block = blocks.get(device)
    if (block) block.columns.push({ run, place: metric, ref })
    else blocks.set(device, { device, columns: [{ run, place: metric, ref }] })
  }
  for (const { columns } of blocks.values()) columns.sort((a, b) => a.place - b.place)
  return [...blocks.values()].sort((a, b) => a.device - b.device)
}

function writeBlock(writer: ByteWriter, { columns }: Block, base: number): void {
  const times = timesOf(columns)
  const scales = columns.map(({ run }) => scaleOf(run.v))
  const isWhole = columns.every(
    ({ run, place }, index) =>
      place === index && run.t.length === times.length && !run.marks?.size && scales[index] === 1,
  )
  const isSingle = times.length === 1
  writer.number(4 * columns.length + (isWhole ? 2 : 0) + (isSingle ? 1 : 0))
  if (!isSingle) writer.number(times.length)
  writer.number((times[0] as number) - base)
  if (!isSingle) writeSteps(writer, times)
  columns.forEach((column, index) => {
    writeColumn(writer, column, times, scales[index] as number, isWhole)
  })
}

/** Every time at which one of the columns has a value. */
function timesOf(columns: readonly Column[]): readonly number[] {
  const [first, ...others] = columns.map(({ run }) => run.t)
  if (!first) return []
  const isSame = (t: readonly number[]) =>
    t.length === first.length && t.every((time, index) => time === first[index])
  if (others.every(isSame)) return first
  return [...new Set([first, ...others].flat())].sort((a, b) => a - b)
}

function writeSteps(writer: ByteWriter, times: readonly number[]): void {
  const steps = times.slice(1).map((time, index) => time - (times[index] as number))
  const period = steps.toSorted((a, b) => a - b)[steps.length >> 1] as number
  writer.number(period)
  for (const step of steps) writer.signed(step - period)
}

function writeColumn(
  writer: ByteWriter,
  { run, place, ref }: Column,
  times: readonly number[],
  scale: number,
  isWhole: boolean,
): void {
  const isSparse = run.t.length < times.length
  const marks = run.marks?.size ? run.marks : undefined
  if (!isWhole) {
    writer.number(8 * place + (scale > 1 ? 4 : 0) + (marks ? 2 : 0) + (isSparse ? 1 : 0))
    if (isSparse) writer.bytes(presenceOf(run.t, times))
    if (scale > 1) writer.number(scale)
  }
  writer.signed((run.v[0] as number) - ref)
  for (let index = 1; index < run.v.length; index++) {
    writer.signed(((run.v[index] as number) - (run.v[index - 1] as number)) / scale)
  }
  if (marks) writeMarks(writer, marks, run)
}

function presenceOf(own: readonly number[], times: readonly number[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(times.length / 8))
  let next = 0
  times.forEach((time, index) => {
    if (own[next] !== time) return
    next++
    bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7))
  })
  if (next !== own.length) throw new RangeError('the times of a run must rise')
  return bits
}

/** The largest number that divides every step; 1 where there is none to gain. */
function scaleOf(v: readonly number[]): number {
  let scale = 0
  for (let index = 1; index < v.length; index++) {
    let rest = Math.abs((v[index] as number) - (v[index - 1] as number))
    while (rest > 0) [scale, rest] = [rest, scale % rest]
    if (scale === 1) return 1
  }
  return scale || 1
}

function writeMarks(writer: ByteWriter, marks: ReadonlyMap<number, Mark>, run: SeriesRun): void {
  const units = unitsOf(run.series.metric)
  writer.number(marks.size)
  let next = 0
  for (const [position, { quality, detail = {} }] of [...marks].sort(([a], [b]) => a - b)) {
    const { n, low, high, evidence } = detail
    const value = run.v[position] as number
    writer.number(position - next)
    next = position + 1
    writer.byte(
      qualities.indexOf(quality) +
        (n === undefined ? 0 : 4) +
        (low === undefined ? 0 : 8) +
        (high === undefined ? 0 : 16) +
        (evidence === undefined ? 0 : 32),
    )
    if (n !== undefined) writer.number(Math.max(0, Math.round(n)))
    if (low !== undefined) writer.signed(Math.round(low * units) - value)
    if (high !== undefined) writer.signed(Math.round(high * units) - value)
    if (evidence === undefined) continue
    const text = new TextEncoder().encode(evidence)
    writer.number(text.length)
    writer.bytes(text)
  }
}
