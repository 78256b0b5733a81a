// How many bytes others take for the same readings, each in the form in which it is smallest.
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { Dictionary, Int64, Table, tableToIPC, Uint16, Utf8, vectorFromArray } from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
import protobuf from 'protobufjs/light.js'
import { seriesKey } from '#domain/reading.ts'
import { type BatchTable, samplesOf, type TableRun } from './batch-table.ts'

const gzip = (bytes: Uint8Array | string) => gzipSync(bytes, { level: 9 })
/** As strong as ours. */
const zstd = (bytes: Uint8Array) =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 9 } })

/** What a device measured at one time is one object: not every value with its names again. */
export function jsonGzipBytes(table: BatchTable): number {
  const samples = samplesOf(table).map(({ source, by, ...sample }) =>
    source === 'sensor' ? sample : { ...sample, source, by },
  )
  return gzip(JSON.stringify(samples)).length
}

/** InfluxDB's: one line for a device and a time, times in ms. */
export function lineProtocolGzipBytes(table: BatchTable): number {
  const lines = samplesOf(table).map(({ house, device, by, t, values }) => {
    const fields = Object.entries(values).map(([metric, value]) => `${metric}=${value}`)
    return `reading,house=${house},device=${device}${by && `,by=${by}`} ${fields.join(',')} ${t}`
  })
  return gzip(lines.join('\n')).length
}

const field = (type: string, id: number) => ({ type, id })
/** Sparkplug B 3.0, §6.4, as much of it as a data message with aliases needs. */
const Payload = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      fields: {
        timestamp: field('uint64', 1),
        metrics: { rule: 'repeated', ...field('Metric', 2) },
        seq: field('uint64', 3),
      },
    },
    Metric: {
      oneofs: { value: { oneof: ['intValue', 'floatValue'] } },
      fields: {
        alias: field('uint64', 2),
        timestamp: field('uint64', 3),
        intValue: field('uint32', 10),
        floatValue: field('float', 12),
      },
    },
  },
}).lookupType('Payload')

/**
 * Names were said at birth and are not counted, nor are MQTT's topic and header; every metric carries its time, as
 * the specification wants it. Whole numbers as integers, the others as 4-byte floats.
 */
export function sparkplugBytes({ runs }: BatchTable): { plain: number; gzip: number } {
  const metrics = runs.flatMap(({ run, decimals }, place) =>
    run.t.map((timestamp, index) => {
      const v = run.v[index] as number
      const value = decimals === 0 && v >= 0 ? { intValue: v } : { floatValue: v / 10 ** decimals }
      // From 1 on: proto3 leaves a 0 out.
      return { alias: place + 1, timestamp, ...value }
    }),
  )
  metrics.sort((a, b) => a.timestamp - b.timestamp)
  const bytes = Payload.encode(
    Payload.create({ timestamp: metrics.at(-1)?.timestamp, metrics, seq: 1 }),
  ).finish()
  return { plain: bytes.length, gzip: gzip(bytes).length }
}

/** A row is a reading; rows of a series stand together. Values as whole numbers, which pack better than floats. */
function rowsOf({ runs }: BatchTable) {
  const rows = <T>(of: (table: TableRun, index: number) => T) =>
    runs.flatMap((table) => table.run.t.map((_, index) => of(table, index)))
  return {
    series: rows(({ run }) => seriesKey(run.series)),
    t: rows(({ run }, index) => BigInt(run.t[index] as number)),
    v: rows(({ run }, index) => run.v[index] as number),
  }
}

/** The whole stream packed by zstd: better than Arrow's own compression buffer by buffer. */
export function arrowZstdBytes(table: BatchTable): number {
  const { series, t, v } = rowsOf(table)
  const arrow = new Table({
    series: vectorFromArray(series, new Dictionary(new Utf8(), new Uint16())),
    t: vectorFromArray(t, new Int64()),
    v: vectorFromArray(Int32Array.from(v)),
  })
  return zstd(tableToIPC(arrow, 'stream')).length
}

/** Steps instead of times, and of values steps or plain, whichever is smaller; no statistics, no page index. */
export function parquetZstdBytes(table: BatchTable): number {
  const { series, t, v } = rowsOf(table)
  const plain = { nullable: false, statistics: false, offsetIndex: false } as const
  const sizes = (['DELTA_BINARY_PACKED', 'PLAIN'] as const).map(
    (encoding) =>
      parquetWriteBuffer({
        columnData: [
          { name: 'series', data: series, type: 'STRING', ...plain },
          { name: 't', data: t, type: 'INT64', encoding: 'DELTA_BINARY_PACKED', ...plain },
          { name: 'v', data: v, type: 'INT32', encoding, ...plain },
        ],
        codec: 'ZSTD',
        compressors: { ZSTD: (bytes) => zstd(bytes) },
        statistics: false,
        rowGroupSize: 1_000_000,
      }).byteLength,
  )
  return Math.min(...sizes)
}
