import type { MetricId } from '../metrics.ts'
import { type Detail, qualities, type Series } from '../reading.ts'
import { type ByteReader, ColumnsMistake, createByteReader } from './bytes.ts'
import type { Dictionary, DictionaryDevice } from './dictionary.ts'
import { type Mark, type SeriesRun, unitsOf } from './runs.ts'

const utf8 = new TextDecoder()

/**
 * The runs of `encodeColumns` (its comment shows the bytes). Throws `ColumnsMistake` for anything else, and for
 * more than `maxReadings` before it makes room for them. A metric may be one that this version does not know.
 * `wanted`: the run of this series alone; others are passed over, which takes a tenth of the time.
 */
export function decodeColumns(
  bytes: Uint8Array,
  dictionary: Dictionary,
  maxReadings: number,
  wanted?: Series,
): SeriesRun[] {
  const reader = createByteReader(bytes)
  const base = reader.number()
  const readings = reader.number()
  if (readings > maxReadings)
    throw new ColumnsMistake(`${readings} readings, at most ${maxReadings} are taken`)
  const blocks = reader.number()
  const runs: SeriesRun[] = []
  let found = 0
  let next = 0
  for (let block = 0; block < blocks; block++) {
    const place = next + reader.signed()
    const device = dictionary[place]
    if (!device) throw new ColumnsMistake(`device ${place} is not in the dictionary of ${dictionary.length}`)
    next = place + 1
    found += readBlock(reader, device, base, readings - found, runs, wanted)
  }
  if (found !== readings) throw new ColumnsMistake(`${found} readings, it says ${readings}`)
  if (reader.left() > 0) throw new ColumnsMistake(`${reader.left()} bytes too many`)
  return runs
}

/** Adds the runs of one device, at most `room` readings. Returns how many there were. */
function readBlock(
  reader: ByteReader,
  device: DictionaryDevice,
  base: number,
  room: number,
  into: SeriesRun[],
  wanted: Series | undefined,
): number {
  const head = reader.number()
  const columns = Math.floor(head / 4)
  const isWhole = (head & 2) !== 0
  const count = head & 1 ? 1 : reader.number()
  if (count === 0 || columns === 0) throw new ColumnsMistake('a block without readings')
  // Every time and every value takes a byte, so no claim reserves more than was sent.
  if (count > room || count > reader.left()) throw new ColumnsMistake(`${count} times are too many`)
  const isDeviceWanted = !wanted || isOf(device, wanted)
  const first = base + reader.number()
  const times = isDeviceWanted ? readTimes(reader, first, count) : skipTimes(reader, count)
  let found = 0
  for (let column = 0; column < columns; column++) {
    const columnHead = isWhole ? 8 * column : reader.number()
    const metric = device.metrics[Math.floor(columnHead / 8)]
    if (!metric) throw new ColumnsMistake(`"${device.device}" has no metric ${Math.floor(columnHead / 8)}`)
    const t = columnHead & 1 ? presentTimes(reader, times) : times.slice()
    found += t.length
    if (found > room) throw new ColumnsMistake('more readings than it says')
    const scale = columnHead & 4 ? reader.number() : 1
    if (!isDeviceWanted || (wanted && wanted.metric !== metric.metric)) {
      reader.skip(t.length)
      if (columnHead & 2) readMarks(reader, t, metric.metric)
      continue
    }
    const v = readValues(reader, metric.ref, scale, t.length)
    const { house, device: id, source, by } = device
    const series = { house, device: id, metric: metric.metric as MetricId, source, by }
    into.push({ series, t, v, ...(columnHead & 2 && { marks: readMarks(reader, v, metric.metric) }) })
  }
  return found
}

function isOf({ house, device, source, by }: DictionaryDevice, series: Series): boolean {
  return house === series.house && device === series.device && source === series.source && by === series.by
}

/** Times that nobody looks at. */
function skipTimes(reader: ByteReader, count: number): number[] {
  if (count > 1) reader.skip(count)
  return new Array<number>(count).fill(0)
}

function readTimes(reader: ByteReader, first: number, count: number): number[] {
  const times = [first]
  const period = count > 1 ? reader.number() : 0
  let t = first
  for (let index = 1; index < count; index++) {
    const step = period + reader.signed()
    if (step <= 0) throw new ColumnsMistake('the times of a device do not rise')
    t += step
    times.push(t)
  }
  if (!Number.isSafeInteger(t)) throw new ColumnsMistake(`${t} is no time`)
  return times
}

function presentTimes(reader: ByteReader, times: readonly number[]): number[] {
  const bits = reader.bytes(Math.ceil(times.length / 8))
  const present: number[] = []
  // From set bit to set bit: few values behind very many times take no longer than they are long.
  for (let at = 0; at < bits.length; at++) {
    for (let left = bits[at] as number; left !== 0; left &= left - 1) {
      const t = times[8 * at + 31 - Math.clz32(left & -left)]
      if (t === undefined) throw new ColumnsMistake(`a value beyond its ${times.length} times`)
      present.push(t)
    }
  }
  if (present.length === 0) throw new ColumnsMistake('a column without values')
  return present
}

function readValues(reader: ByteReader, ref: number, scale: number, count: number): number[] {
  let value = ref + reader.signed()
  const v = [value]
  for (let index = 1; index < count; index++) {
    value += reader.signed() * scale
    v.push(value)
  }
  if (!v.every(Number.isSafeInteger)) throw new ColumnsMistake('a value of more than 53 bits')
  return v
}

function readMarks(reader: ByteReader, v: readonly number[], metric: string): Map<number, Mark> {
  const units = unitsOf(metric)
  const count = reader.number()
  if (count > v.length) throw new ColumnsMistake(`${count} marks for ${v.length} values`)
  const marks = new Map<number, Mark>()
  let next = 0
  for (let mark = 0; mark < count; mark++) {
    const position = next + reader.number()
    const value = v[position]
    if (value === undefined) throw new ColumnsMistake(`a mark at ${position} of ${v.length} values`)
    next = position + 1
    const flags = reader.byte()
    const detail: Detail = {}
    if (flags & 4) detail.n = reader.number()
    if (flags & 8) detail.low = (value + reader.signed()) / units
    if (flags & 16) detail.high = (value + reader.signed()) / units
    if (flags & 32) detail.evidence = utf8.decode(reader.bytes(reader.number()))
    marks.set(position, { quality: qualities[flags & 3] ?? 'bad', ...(flags & 60 && { detail }) })
  }
  return marks
}
