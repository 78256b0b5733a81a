import { numberOf, type SparkplugMetric, type SparkplugPayload } from './payload.ts'
import type { SparkplugTopic } from './topic.ts'

/**
 * One edge node as a host application follows it, as a pure machine (specification 3.0, §5 and §6):
 *
 * ```
 * unborn ──NBIRTH──▶ born ──NDEATH with the birth's bdSeq, or a new NBIRTH──▶ unborn
 * ```
 *
 * A birth says names, aliases and datatypes; data that follows says only aliases. Every message but a death
 * counts `seq` up by one, modulo 256, over the node and its devices together. Where the count has a gap, data
 * comes before its birth or names an alias of no birth, something was lost: the node is asked to be born anew,
 * at most once in `REBIRTH_EVERY_MS`. What can be read of a message after a gap is still true and is kept.
 */
export type NodeSession = {
  isBorn: boolean
  bdSeq: number | undefined
  lastSeq: number
  /** By alias, of the node and all of its devices: an alias is unique in a node (§6.4.14). */
  byAlias: ReadonlyMap<string, Known>
  /** By device (`''`: the node itself) and name. */
  byName: ReadonlyMap<string, Known>
  bornDevices: ReadonlySet<string>
  rebirthAskedAt: number
}
type Known = { device: string; name: string; datatype: number | undefined }

export type SparkplugSaid = {
  /** '' is the node itself. */
  device: string
  name: string
  /** Undefined: the metric is null, or no number. */
  value: number | undefined
  t: number | undefined
}

export type SparkplugTrouble = 'gap' | 'unborn' | 'unknown-alias'

export type SessionResult = {
  session: NodeSession
  said: SparkplugSaid[]
  /** Who came ('' the node itself) or went. */
  online: { device: string; is: boolean }[]
  trouble: SparkplugTrouble[]
  /** Ask the node for a rebirth now. */
  askRebirth: boolean
}

export const REBIRTH_EVERY_MS = 5_000
/** A birth with more is broken: what comes beyond is left out. */
const MAX_METRICS = 5_000
const REBIRTH = 'Node Control/Rebirth'
const SELF = ''

export const freshSession: NodeSession = {
  isBorn: false,
  bdSeq: undefined,
  lastSeq: 0,
  byAlias: new Map(),
  byName: new Map(),
  bornDevices: new Set(),
  rebirthAskedAt: Number.NEGATIVE_INFINITY,
}

/** Takes one message of the node; `now` on a clock that never jumps, ms. */
export function follow(
  session: NodeSession,
  { type, device = SELF }: SparkplugTopic,
  payload: SparkplugPayload,
  now: number,
): SessionResult {
  const nothing = { session, said: [], online: [], trouble: [], askRebirth: false }
  switch (type) {
    case 'NBIRTH':
      return birthOfNode(session, payload)
    case 'NDEATH':
      return deathOfNode(session, payload)
    case 'NCMD':
    case 'DCMD':
      return nothing
  }
  if (!session.isBorn) return complain(nothing, 'unborn', now)
  const seq = payload.seq ?? -1
  const isNext = seq === (session.lastSeq + 1) % 256
  const counted: SessionResult = { ...nothing, session: { ...session, lastSeq: seq } }
  const result = isNext ? counted : complain(counted, 'gap', now)
  if (type === 'DBIRTH') return birthOfDevice(result, device, payload)
  if (type === 'DDEATH') return deathOfDevice(result, device)
  return data(result, device, payload, now)
}

/** The node itself and everything below it begins anew, with the numbers that it has now. */
function birthOfNode(before: NodeSession, payload: SparkplugPayload): SessionResult {
  const born: NodeSession = {
    ...freshSession,
    isBorn: true,
    bdSeq: bdSeqOf(payload),
    lastSeq: payload.seq ?? 0,
  }
  const gone = [...before.bornDevices].map((device) => ({ device, is: false }))
  const learned = learn(
    { ...emptyResult(born), online: [...gone, { device: SELF, is: true }] },
    SELF,
    payload,
  )
  return learned
}

function birthOfDevice(result: SessionResult, device: string, payload: SparkplugPayload): SessionResult {
  const bornDevices = new Set([...result.session.bornDevices, device])
  const born = { ...result, session: { ...result.session, bornDevices } }
  return learn({ ...born, online: [{ device, is: true }] }, device, payload)
}

/** The will of a connection that was replaced arrives after the new birth, and carries the old number (§6.4.21). */
function deathOfNode(session: NodeSession, payload: SparkplugPayload): SessionResult {
  const bdSeq = bdSeqOf(payload)
  const isOld = bdSeq !== undefined && session.bdSeq !== undefined && bdSeq !== session.bdSeq
  if (isOld || !session.isBorn) return emptyResult(session)
  const gone = [SELF, ...session.bornDevices].map((device) => ({ device, is: false }))
  return { ...emptyResult({ ...freshSession, rebirthAskedAt: session.rebirthAskedAt }), online: gone }
}

function deathOfDevice(result: SessionResult, device: string): SessionResult {
  const bornDevices = new Set(result.session.bornDevices)
  bornDevices.delete(device)
  return { ...result, session: { ...result.session, bornDevices }, online: [{ device, is: false }] }
}

function data(result: SessionResult, device: string, payload: SparkplugPayload, now: number): SessionResult {
  const { session } = result
  if (device !== SELF && !session.bornDevices.has(device)) return complain(result, 'unborn', now)
  const said: SparkplugSaid[] = []
  let isUnknown = false
  for (const metric of payload.metrics.slice(0, MAX_METRICS)) {
    const known =
      metric.name !== undefined
        ? session.byName.get(nameKey(device, metric.name))
        : session.byAlias.get(metric.alias ?? '')
    if (known && known.device === device) said.push(sayMetric(known, metric, payload))
    else isUnknown = true
  }
  const heard = { ...result, said }
  return isUnknown ? complain(heard, 'unknown-alias', now) : heard
}

/** Names, aliases and datatypes of a birth, and its values. */
function learn(result: SessionResult, device: string, payload: SparkplugPayload): SessionResult {
  const byAlias = new Map(result.session.byAlias)
  const byName = new Map(result.session.byName)
  const said: SparkplugSaid[] = []
  for (const metric of payload.metrics.slice(0, MAX_METRICS)) {
    const { name, alias, datatype } = metric
    if (name === undefined || name === 'bdSeq' || name.startsWith('Node Control/')) continue
    const known = { device, name, datatype }
    byName.set(nameKey(device, name), known)
    if (alias !== undefined) byAlias.set(alias, known)
    said.push(sayMetric(known, metric, payload))
  }
  return { ...result, session: { ...result.session, byAlias, byName }, said }
}

/** A metric without a time of its own has that of its message. */
function sayMetric(known: Known, metric: SparkplugMetric, payload: SparkplugPayload): SparkplugSaid {
  const value = metric.isNull ? undefined : numberOf(metric.value, metric.datatype ?? known.datatype)
  return { device: known.device, name: known.name, value, t: metric.timestamp ?? payload.timestamp }
}

function complain(result: SessionResult, trouble: SparkplugTrouble, now: number): SessionResult {
  const isDue = now - result.session.rebirthAskedAt >= REBIRTH_EVERY_MS
  return {
    ...result,
    trouble: [...result.trouble, trouble],
    askRebirth: result.askRebirth || isDue,
    session: isDue ? { ...result.session, rebirthAskedAt: now } : result.session,
  }
}

const emptyResult = (session: NodeSession): SessionResult => ({
  session,
  said: [],
  online: [],
  trouble: [],
  askRebirth: false,
})

function bdSeqOf({ metrics }: SparkplugPayload): number | undefined {
  const metric = metrics.find(({ name }) => name === 'bdSeq')
  return metric && numberOf(metric.value, metric.datatype)
}

const nameKey = (device: string, name: string) => `${device}\0${name}`

/** What a host says to a node whose births it has missed (§6.4.10). */
export function rebirthCommand(now: number): SparkplugPayload {
  return {
    timestamp: now,
    metrics: [{ name: REBIRTH, timestamp: now, datatype: 11, value: { kind: 'boolean', is: true } }],
  }
}
