import { Value } from 'typebox/value'
import { routes } from '#domain/api/routes.ts'
import type { ErrorCode } from '#domain/errors.ts'
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
 */
export function createLane<Item>(deps: LaneDeps<Item>): Lane {
  const { name, store, client, counters, after, pack, maxItems } = deps
  const noteKey = `watermark.${name}`
  let watermark = Number(store.note(noteKey) ?? 0)
  let size = maxItems
  let asideAllowed = MAX_ASIDE_AT_ONCE
  /** Up to here without a pause: what comes in meanwhile waits for the next round. */
  let target = 0
  const aside = new Set(store.setAsideNumbers(name))

  const moveTo = (number: number) => {
    watermark = number
    store.setNote(noteKey, String(number))
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
  const nextRun = (): Entry<Item>[] => {
    const found = after(watermark, size).filter(({ number }) => !aside.has(number))
    const neighbour = found[0]?.number === watermark + 1 ? found[0] : neighbourOf(watermark + 1)
    const end = Math.min(found.at(-1)?.number ?? store.lastNumber(name), watermark + size)
    if (!neighbour) return []
    const byNumber = new Map(found.map((entry) => [entry.number, entry]))
    const run: Entry<Item>[] = []
    let last = neighbour
    for (let number = watermark + 1; number <= end; number++) {
      last = byNumber.get(number) ?? last
      run.push(last)
    }
    return run
  }

  const taken = (body: unknown): Step => {
    if (!Value.Check(BatchAnswer, body)) return { kind: 'retry', why: 'an answer that is not ours' }
    if (body.watermark <= watermark) return { kind: 'retry', why: 'the watermark did not move' }
    counters.count('sync.batches')
    asideAllowed = Math.min(MAX_ASIDE_AT_ONCE, asideAllowed + (body.watermark - watermark) / TAKEN_PER_ASIDE)
    moveTo(body.watermark)
    size = Math.min(maxItems, size * 2)
    const kind = watermark < target ? 'more' : 'done'
    return { kind, ...(body.notBeforeMs !== undefined && { waitMs: body.notBeforeMs }) }
  }

  const refused = (answer: Extract<CloudAnswer, { kind: 'problem' }>, run: readonly Entry<Item>[]): Step => {
    const { code, detail, body } = answer
    const wait = answer.retryAfterMs === undefined ? {} : { waitMs: answer.retryAfterMs }
    if (code === 'batch-gap') {
      const { expected } = body
      if (
        typeof expected !== 'number' ||
        !Number.isInteger(expected) ||
        expected < 1 ||
        expected - 1 === watermark
      ) {
        return { kind: 'retry', why: `a gap without a usable number: ${detail}` }
      }
      counters.count('sync.gap', `lane ${name} goes on at ${expected}`)
      moveTo(expected - 1)
      return { kind: 'more' }
    }
    if (!wrongCodes.includes(code)) return { kind: 'retry', why: `${code}: ${detail}`, ...wait }
    const [culprit, ...others] = run
    if (others.length > 0) {
      size = Math.ceil(run.length / 2)
      return { kind: 'more' }
    }
    if (!culprit || asideAllowed < 1) {
      return { kind: 'retry', why: `the cloud refuses one record after the other: ${detail}` }
    }
    asideAllowed--
    store.setAside(name, culprit.number, JSON.stringify(culprit.item), `${code}: ${detail}`)
    aside.add(culprit.number)
    counters.count('sync.set-aside', `${name} number ${culprit.number}: ${detail}`)
    // A stand-in needs a neighbour in the same batch.
    size = 2
    return { kind: 'more' }
  }

  return {
    async step() {
      if (watermark >= target) target = store.lastNumber(name)
      const run = nextRun()
      if (run.length === 0) return { kind: 'idle' }
      const span = { lane: name, epoch: store.epoch, from: watermark + 1, to: watermark + run.length }
      const body = { ...span, ...pack(run.map(({ item }) => item)) }
      const answer = await client.send({ method: 'POST', path: routes.edgeBatches, json: body })
      if (answer.kind === 'ok') return taken(answer.body)
      if (answer.kind === 'problem') return refused(answer, run)
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
