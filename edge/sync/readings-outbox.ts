import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { path, routes } from '#domain/api/routes.ts'
import { encodeBatchHeader } from '#domain/columns/batch-header.ts'
import { ColumnsMistake } from '#domain/columns/bytes.ts'
import { encodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Source } from '#domain/reading.ts'
import { MAX_BATCH_READINGS } from '#domain/sync.ts'
import type { Clock } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { EdgeStore, ReadingsPiece } from '../store/edge-store.ts'
import { unpackSealed } from '../store/sealed-body.ts'
import type { CloudAnswer, CloudClient } from './cloud-client.ts'
import type { Outbox } from './lane.ts'
import { createLineSpeed } from './line-speed.ts'
import type { SentDictionary, WireDictionary } from './wire-dictionary.ts'

type Deps = {
  store: EdgeStore
  client: CloudClient
  clock: Clock
  counters: Counters
  dictionary: WireDictionary
}

/** The body of a batch. `by`: the dictionary by which it is read, else it brings its own. */
type Packed = { body: Uint8Array; by?: SentDictionary }

const compress = promisify(zstdCompress)
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 9 } }
/**
 * Bad pieces are rare. So many may be set aside at once, and one more for each so many that are taken; beyond that
 * it is no bad piece but a misunderstanding (two versions that do not fit), and the lane waits for somebody to clear
 * it up: nothing is lost meanwhile.
 */
const MAX_ASIDE_AT_ONCE = 3
const TAKEN_PER_ASIDE = 50

/**
 * Readings on their way out, piece by piece, as the store has them: one that is sealed goes as it lies on the disk.
 * A piece that the cloud cannot read is packed anew; one that it still cannot read is set aside, and its numbers are
 * accounted for without it: so nothing waits behind it.
 */
export function createReadingsOutbox({ store, client, clock, counters, dictionary }: Deps): Outbox {
  const line = createLineSpeed()
  let asideAllowed = MAX_ASIDE_AT_ONCE
  /** The dictionary that the cloud has said it has. */
  let known: string | undefined
  /** Begins the piece that the cloud could not read as it was. */
  let repackedFrom: number | undefined

  const pack = async ({ from, count, body }: ReadingsPiece): Promise<Packed> => {
    if (count === 0) return { body: new Uint8Array() }
    if (from === repackedFrom) return { body: await compress(encodeWithDictionary(runsOfBody(body)), LEVEL) }
    if (body.kind === 'sealed') return { body: body.bytes }
    const { columns, by } = dictionary.encode(body.runs)
    return { body: await compress(columns, LEVEL), ...(by && { by }) }
  }

  const sendDictionary = async ({ hash, json }: SentDictionary): Promise<CloudAnswer | undefined> => {
    const answer = await client.send({ method: 'PUT', path: path(routes.edgeDictionary, { hash }), json })
    if (answer.kind !== 'ok') return answer
    known = hash
    return undefined
  }

  const send = async (bytes: Uint8Array, count: number, by?: SentDictionary): Promise<CloudAnswer> => {
    const isNew = by !== undefined && by.hash !== known
    const failed = isNew ? await sendDictionary(by) : undefined
    if (failed) return failed
    const start = clock.monotonic()
    const answer = await client.send({ method: 'POST', path: routes.edgeBatches, bytes })
    line.note(count, clock.monotonic() - start)
    if (answer.kind !== 'problem' || answer.code !== 'dictionary-unknown') return answer
    // It forgot: a backup was put back, or others came after this one.
    known = undefined
    return isNew ? answer : send(bytes, count, by)
  }

  const setAside = ({ from, to }: ReadingsPiece, why: string): 'again' | 'wait' => {
    if (asideAllowed < 1) return 'wait'
    // Where it is no longer one piece, what stands there now is tried as it is.
    if (store.setPieceAside({ from, to }, why)) {
      asideAllowed--
      counters.count('sync.set-aside', `readings ${from} to ${to}: ${why}`)
    }
    repackedFrom = undefined
    return 'again'
  }

  return {
    async next(watermark) {
      const piece = store.readingsAfter(watermark, line.readings())
      if (!piece) return undefined
      const { from, to, clock: stamp, movedByMs, thinned, damaged, aside } = piece
      let packed: Packed
      try {
        packed = await pack(piece)
      } catch (error) {
        if (!(error instanceof ColumnsMistake)) throw error
        return { from, to, send: async () => damage(error), refused: (why) => setAside(piece, why) }
      }
      const { body, by } = packed
      const header = encodeBatchHeader({
        ...{ epoch: store.epoch('readings'), from, to, movedByMs, thinned, damaged, aside },
        ...(stamp && { clock: stamp }),
        ...(by && { dictionary: by.hash }),
      })
      return {
        from,
        to,
        send: () => send(Buffer.concat([header, body]), piece.count, by),
        refused(why) {
          if (from === repackedFrom || piece.count === 0) return setAside(piece, why)
          repackedFrom = from
          return 'again'
        },
      }
    },
    taken(refused) {
      store.noteRefused(
        refused.map(({ t, house, device, metric, source = 'sensor', by = '' }) => ({
          series: { house, device, metric: metric as MetricId, source: source as Source, by },
          t,
        })),
      )
      repackedFrom = undefined
      asideAllowed = Math.min(MAX_ASIDE_AT_ONCE, asideAllowed + 1 / TAKEN_PER_ASIDE)
    },
  }
}

function runsOfBody(body: ReadingsPiece['body']): SeriesRun[] {
  return body.kind === 'sealed' ? unpackSealed(body.bytes, MAX_BATCH_READINGS) : body.runs
}

/** What the cloud would say of a piece that not even we can read. */
function damage({ message }: ColumnsMistake): CloudAnswer {
  return { kind: 'problem', code: 'batch-wrong', detail: message, body: {} }
}
