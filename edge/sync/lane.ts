import { Value } from 'typebox/value'
import { path, routes } from '#domain/api/routes.ts'
import type { ErrorCode } from '#domain/errors.ts'
import { BatchAnswer, type LaneName, type RefusedRecord } from '#domain/sync.ts'
import type { Counters } from '../counters.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import type { CloudAnswer, CloudClient } from './cloud-client.ts'

/**
 * What the lane does next. `more`: at once; `done`: all that was there when it began is acknowledged; `idle`:
 * nothing was there; `retry`: after a pause, of the cloud's choosing if it said one.
 */
export type Step =
  | { kind: 'idle' }
  | { kind: 'more' | 'done'; waitMs?: number }
  | { kind: 'retry'; why: string; waitMs?: number }

export type Lane = {
  step(): Promise<Step>
  /** From the first number on, for a cloud that knows nothing. */
  restart(): void
  /** Numbers that the cloud has not acknowledged. */
  backlog(): number
  /** The highest number sent, as far as is known, and the highest one acknowledged. */
  sent(): number
  acknowledged(): number
}

/** What a lane sends. */
export type Outbox = {
  /** What begins at or before the number after the watermark, and ends behind it. Undefined: there is nothing. */
  next(watermark: number): Promise<Parcel | undefined>
  /** The cloud has taken one, but for these. */
  taken(refused: readonly RefusedRecord[]): void
}
export type Parcel = {
  from: number
  to: number
  send(): Promise<CloudAnswer>
  /** The cloud cannot read it. `again`: it is tried otherwise; `wait`: somebody has to look. */
  refused(why: string): 'again' | 'wait'
}

export type LaneDeps = {
  name: LaneName
  store: EdgeStore
  /** Writes a small note; on a full disk it is lost, and what it remembered is sent or asked for again. */
  keepNote(key: string, value: string): void
  client: CloudClient
  counters: Counters
  outbox: Outbox
  /** The cloud knows less than it did: it was put back, or is another one. */
  onPutBack?(): void
}

/** The batch is wrong as it is: sending it again cannot help. */
const wrongCodes: readonly ErrorCode[] = ['batch-wrong', 'not-valid', 'too-large']

/**
 * One lane of the outbox: a cursor over the numbers of the store. It sends what follows the last acknowledged
 * number and moves on when the cloud says that it is stored.
 *
 * A database that was put back (a restored copy, a card that lied about what it had written) gives old numbers to
 * new records, and the cloud would take them for repeats. So after each start the lane first asks where it stands. A
 * watermark above the highest number of before can only come from a later life of the database: then everything is
 * sent again under a new epoch, which does no harm, as (series, t) and (alarm, action) tell what is there already.
 */
export function createLane({ name, store, keepNote, client, counters, outbox, onPutBack }: LaneDeps): Lane {
  const noteKey = `watermark.${name}`
  let watermark = Math.min(Number(store.note(noteKey) ?? 0), store.lastNumber(name))
  /** The highest number that the cloud can know. */
  let sent = store.unproved(name) ?? store.lastNumber(name)
  /** Up to here without a pause: what comes in meanwhile waits for the next round. */
  let target = 0

  const moveTo = (number: number) => {
    if (number === watermark) return
    if (number < watermark) onPutBack?.()
    watermark = number
    keepNote(noteKey, String(number))
  }

  const putBack = (known: number): Step => {
    const why = `lane ${name}: the cloud knows number ${known}, this database gave ${sent}`
    store.startEpoch(name)
    counters.count('store.put-back', why)
    onPutBack?.()
    watermark = 0
    sent = 0
    return { kind: 'retry', why }
  }

  /** Where the lane stands, by the cloud's own word. */
  const compare = async (): Promise<Step> => {
    const url = path(routes.edgeWatermark, { lane: name, epoch: store.epoch(name) })
    const answer = await client.send({ method: 'GET', path: url })
    if (answer.kind !== 'ok') return retryAfter(answer)
    if (!Value.Check(BatchAnswer, answer.body)) return { kind: 'retry', why: 'an answer that is not ours' }
    if (answer.body.watermark > sent) return putBack(answer.body.watermark)
    moveTo(answer.body.watermark)
    store.prove(name)
    return { kind: 'more' }
  }

  const taken = (body: unknown, to: number): Step => {
    if (!Value.Check(BatchAnswer, body)) return { kind: 'retry', why: 'an answer that is not ours' }
    sent = Math.max(sent, to)
    if (body.watermark > sent) return putBack(body.watermark)
    if (body.watermark <= watermark) return { kind: 'retry', why: 'the watermark did not move' }
    counters.count('sync.batches')
    if (body.refusedCount) tellRefused(body.refusedCount, body.refused)
    outbox.taken(body.refused ?? [])
    moveTo(body.watermark)
    const kind = watermark < target ? 'more' : 'done'
    return { kind, ...(body.notBeforeMs !== undefined && { waitMs: body.notBeforeMs }) }
  }

  const tellRefused = (count: number, [first]: readonly RefusedRecord[] = []) => {
    const example = first && `${first.house}/${first.device} ${first.metric} at ${first.t}: ${first.why}`
    counters.count('sync.records-refused', `${count} in ${name}, such as ${example}`, count)
  }

  const refused = (answer: Problem, { from, refused }: Parcel): Step => {
    const { code, detail, body } = answer
    if (code === 'batch-gap') {
      const { expected } = body
      if (typeof expected !== 'number' || !Number.isInteger(expected) || expected < 1 || expected >= from)
        return { kind: 'retry', why: 'a gap that is none' }
      counters.count('sync.gap')
      moveTo(expected - 1)
      return { kind: 'more' }
    }
    if (!wrongCodes.includes(code)) return retryAfter(answer)
    if (refused(`${code}: ${detail}`) === 'again') return { kind: 'more' }
    return { kind: 'retry', why: `the cloud cannot read lane ${name}: ${detail}` }
  }

  return {
    async step() {
      if (store.lastNumber(name) === 0) return { kind: 'idle' }
      if (store.unproved(name) !== undefined) return compare()
      if (watermark >= target) target = store.lastNumber(name)
      const parcel = await outbox.next(watermark)
      if (!parcel) return { kind: 'idle' }
      const answer = await parcel.send()
      if (answer.kind === 'ok') return taken(answer.body, parcel.to)
      return answer.kind === 'problem' ? refused(answer, parcel) : retryAfter(answer)
    },
    restart: () => moveTo(0),
    sent: () => sent,
    acknowledged: () => watermark,
    backlog: () => Math.max(0, store.lastNumber(name) - watermark),
  }
}

type Problem = Extract<CloudAnswer, { kind: 'problem' }>

function retryAfter(answer: Exclude<CloudAnswer, { kind: 'ok' }>): Step {
  const why = answer.kind === 'problem' ? `${answer.code}: ${answer.detail}` : answer.why
  return { kind: 'retry', why, ...(answer.retryAfterMs !== undefined && { waitMs: answer.retryAfterMs }) }
}
