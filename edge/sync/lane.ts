import { Value } from 'typebox/value'
import { routes } from '#domain/api/routes.ts'
import { type ErrorCode, isRetryable } from '#domain/errors.ts'
import { BatchAnswer } from '#domain/sync.ts'
import type { Counters } from '../counters.ts'
import type { EdgeStore, LaneName } from '../store/edge-store.ts'
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
  /** From the first number on, for a cloud that knows nothing; one that knows more says so at the first batch. */
  restart(): void
  /** Numbers that the cloud has not acknowledged. */
  backlog(): number
  /** More than one batch is waiting. */
  isBehind(): boolean
}

type Entry<Item> = { number: number; item: Item }

export type LaneDeps<Item> = {
  name: LaneName
  store: EdgeStore
  /** Writes a small note; on a full disk it is lost, and what it remembered is sent or asked for again. */
  keepNote(key: string, value: string): void
  client: CloudClient
  counters: Counters
  /** Items with a number above this, in order. */
  after(number: number, limit: number): Entry<Item>[]
  /** The batch's own part of the body, for items in the order of their numbers. */
  pack(items: readonly Item[]): object
  maxItems: number
}

/** The whole batch, or what is in it, is wrong: sending it again as it is cannot help. */
const wrongCodes: readonly ErrorCode[] = ['batch-wrong', 'not-valid', 'too-large']
/**
 * Bad records are rare. So many may be set aside at once, and one more for each thousand that are taken; beyond
 * that it is no bad record but a misunderstanding (two versions that do not fit), and the lane waits for
 * somebody to clear it up: nothing is lost meanwhile.
 */
const MAX_ASIDE_AT_ONCE = 20
const TAKEN_PER_ASIDE = 1000
/** How far around a record is looked for that can stand in for one set aside. */
const NEIGHBOURS = MAX_ASIDE_AT_ONCE + 1

/**
 * One lane of the outbox: a cursor over the numbers of the store. It sends what follows the last acknowledged
 * number and moves on when the cloud says that it is stored. A batch that is refused as wrong is halved until the
 * wrong record stands alone; that one is set aside, and its number travels with a copy of a neighbour, which
 * the cloud knows and drops: so the run of numbers stays whole and nothing waits behind one bad record.
 *
 * A database that was put back (a restored copy, a card that lied about what it had written) gives old numbers to
 * new records, and the cloud would take them for repeats. So after each start the lane first compares: it sends
 * nothing above the highest number of before, if need be that one number again. A watermark above it can only
 * come from a later life of the database: then everything is sent again under a new epoch, which does no harm,
 * as (series, t) and (alarm, action) tell what is there already.
 */
export function createLane<Item>(deps: LaneDeps<Item>): Lane {
  const { name, store, keepNote, client, counters, after, pack, maxItems } = deps
  const noteKey = `watermark.${name}`
  let watermark = Math.min(Number(store.note(noteKey) ?? 0), store.lastNumber(name))
  /** The highest number that the cloud can know. */
  let sent = store.unproved(name) ?? store.lastNumber(name)
  let size = maxItems
  let asideAllowed = MAX_ASIDE_AT_ONCE
  /** Up to here without a pause: what comes in meanwhile waits for the next round. */
  let target = 0
  const aside = new Set(store.setAsideNumbers(name))

  const moveTo = (number: number) => {
    watermark = number
    keepNote(noteKey, String(number))
  }

  const putBack = (known: number): Step => {
    const why = `lane ${name}: the cloud knows number ${known}, this database gave ${sent}`
    store.startEpoch(name)
    counters.count('store.put-back', why)
    watermark = 0
    sent = 0
    return { kind: 'retry', why }
  }

  /** A record near this number that is not set aside; best one that the cloud has taken. */
  const neighbourOf = (number: number): Entry<Item> | undefined => {
    const isGood = (entry: Entry<Item>) => !aside.has(entry.number)
    return (
      after(number - 1 - NEIGHBOURS, NEIGHBOURS).findLast(isGood) ??
      after(number - 1, size + NEIGHBOURS).find(isGood)
    )
  }

  /** The next run of numbers. Where one is missing or set aside, a neighbour stands in, under its own number. */
  const nextRun = (): { from: number; run: Entry<Item>[] } => {
    const highest = store.unproved(name) ?? Number.POSITIVE_INFINITY
    const from = Math.min(watermark + 1, highest)
    const found = after(from - 1, size).filter(({ number }) => !aside.has(number))
    const neighbour = found[0]?.number === from ? found[0] : neighbourOf(from)
    const run: Entry<Item>[] = []
    if (!neighbour) return { from, run }
    const end = Math.min(found.at(-1)?.number ?? store.lastNumber(name), from - 1 + size, highest)
    const byNumber = new Map(found.map((entry) => [entry.number, entry]))
    let last = neighbour
    for (let number = from; number <= end; number++) {
      last = byNumber.get(number) ?? last
      run.push(last)
    }
    return { from, run }
  }

  const taken = (body: unknown, to: number): Step => {
    if (!Value.Check(BatchAnswer, body)) return { kind: 'retry', why: 'an answer that is not ours' }
    sent = Math.max(sent, to)
    if (body.watermark > sent) return putBack(body.watermark)
    const isCompared = store.unproved(name) === undefined
    if (body.watermark < watermark + (isCompared ? 1 : 0))
      return { kind: 'retry', why: 'the watermark did not move' }
    counters.count('sync.batches')
    asideAllowed = Math.min(MAX_ASIDE_AT_ONCE, asideAllowed + (body.watermark - watermark) / TAKEN_PER_ASIDE)
    moveTo(body.watermark)
    if (!isCompared) store.prove(name)
    size = Math.min(maxItems, size * 2)
    const kind = watermark < target ? 'more' : 'done'
    return { kind, ...(body.notBeforeMs !== undefined && { waitMs: body.notBeforeMs }) }
  }

  const refused = (
    answer: Extract<CloudAnswer, { kind: 'problem' }>,
    from: number,
    run: readonly Entry<Item>[],
  ): Step => {
    const { code, detail, body } = answer
    const wait = answer.retryAfterMs === undefined ? {} : { waitMs: answer.retryAfterMs }
    if (code === 'batch-gap') {
      const { expected } = body
      if (typeof expected !== 'number' || !Number.isInteger(expected) || expected < 1 || expected >= from) {
        return { kind: 'retry', why: `a gap without a usable number: ${detail}` }
      }
      counters.count('sync.gap', `lane ${name} goes on at ${expected}`)
      moveTo(expected - 1)
      if (store.unproved(name) !== undefined) store.prove(name)
      return { kind: 'more' }
    }
    if (isRetryable(code) || !wrongCodes.includes(code))
      return { kind: 'retry', why: `${code}: ${detail}`, ...wait }
    const [culprit, ...others] = run
    if (others.length > 0) {
      size = Math.ceil(run.length / 2)
      return { kind: 'more' }
    }
    if (!culprit || asideAllowed < 1) {
      return { kind: 'retry', why: `the cloud refuses one record after the other: ${detail}` }
    }
    store.setAside(name, culprit.number, JSON.stringify(culprit.item), `${code}: ${detail}`)
    asideAllowed--
    aside.add(culprit.number)
    counters.count('sync.set-aside', `${name} number ${culprit.number}: ${detail}`)
    // A stand-in needs a neighbour in the same batch.
    size = 2
    return { kind: 'more' }
  }

  return {
    async step() {
      if (watermark >= target) target = store.lastNumber(name)
      const { from, run } = nextRun()
      if (run.length === 0) return { kind: 'idle' }
      const span = { lane: name, epoch: store.epoch(name), from, to: from + run.length - 1 }
      const body = { ...span, ...pack(run.map(({ item }) => item)) }
      const answer = await client.send({ method: 'POST', path: routes.edgeBatches, json: body })
      if (answer.kind === 'ok') return taken(answer.body, span.to)
      if (answer.kind === 'problem') return refused(answer, from, run)
      return {
        kind: 'retry',
        why: answer.why,
        ...(answer.retryAfterMs !== undefined && { waitMs: answer.retryAfterMs }),
      }
    },
    restart: () => moveTo(0),
    backlog: () => Math.max(0, store.lastNumber(name) - watermark),
    isBehind: () => store.lastNumber(name) - watermark > maxItems,
  }
}
