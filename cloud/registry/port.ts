import type { AlarmEvent } from '#domain/alarm.ts'
import type { AlarmsQuery, AlarmView, EntryView, Farm, NewFarm, NewHouse } from '#domain/api/farm.ts'
import type { CalibrationView, NewCalibration } from '#domain/api/weighing.ts'
import type { BookEntry, NewFlock } from '#domain/flock.ts'

/**
 * Everything of the service that is not a series: people, farms, books, edges, alarms. Asynchronous, so that
 * a database across a network fits. What a call said is durable when its promise resolves; a store that
 * cannot take it rejects.
 */
export type Registry = {
  people: People
  farms: Farms
  books: Books
  scales: Scales
  edges: Edges
  alarms: Alarms
  /** Counts starts of the service: a number no earlier life of it had. */
  countStart(): Promise<number>
  /** Rejects when the store cannot be read. */
  check(): Promise<void>
}

export type Person = { id: string; login: string; name: string }
export type NewPerson = { login: string; name: string; passwordHash: string }

export type People = {
  count(): Promise<number>
  /** Undefined when there is somebody already (`first`), or the login is taken. Logins differ by more than case. */
  add(person: NewPerson, options: { first: boolean; now: number }): Promise<Person | undefined>
  byLogin(login: string): Promise<(Person & { passwordHash: string }) | undefined>
  startSession(session: { hash: string; person: string; now: number; expiresAt: number }): Promise<void>
  /** The session's person, unless it has run out. */
  bySession(hash: string, now: number): Promise<{ person: Person; expiresAt: number } | undefined>
  extendSession(hash: string, expiresAt: number): Promise<void>
  endSession(hash: string): Promise<void>
  /** Throws away sessions that have run out. */
  sweepSessions(now: number): Promise<void>
}

export type House = NewHouse

export type Farms = {
  of(person: string): Promise<Farm[]>
  /** The farm, if this person belongs to it. */
  ofMember(farm: string, person: string): Promise<Farm | undefined>
  isOwner(farm: string, person: string): Promise<boolean>
  /** False when the id is taken. The person becomes its owner. */
  add(farm: NewFarm, owner: string, now: number): Promise<boolean>
  houses(farm: string): Promise<House[]>
  house(farm: string, house: string): Promise<House | undefined>
  /** False when the farm has a house of this id. */
  addHouse(farm: string, house: House): Promise<boolean>
}

/** What came of an addition that may be a repeat. `conflict`: the id stands for something else. */
export type Added<T> = { kind: 'added'; value: T } | { kind: 'repeat'; value: T } | { kind: 'conflict' }
export type Refused = { kind: 'refused'; why: string }

export type Books = {
  /** Newest placement first. */
  flocks(farm: string, house?: string): Promise<NewFlock[]>
  flock(farm: string, id: string): Promise<NewFlock | undefined>
  addFlock(farm: string, flock: NewFlock, now: number): Promise<Added<NewFlock>>
  /** By day, then by the writer's clock. */
  entries(farm: string, flock: string): Promise<EntryView[]>
  /** `check` sees the flock's entries in the same transaction, and says what speaks against the new one. */
  addEntry(
    farm: string,
    flock: string,
    entry: BookEntry,
    written: { by: string; now: number },
    check: (entries: readonly BookEntry[]) => string | undefined,
  ): Promise<Added<EntryView> | Refused>
}

export type Scales = {
  /** Every calibration that stands on record, newest first. */
  calibrations(farm: string, house?: string): Promise<(CalibrationView & { house: string })[]>
  addCalibration(
    farm: string,
    house: string,
    calibration: NewCalibration,
    written: { by: string; now: number; gramsPerLoad: number },
  ): Promise<Added<CalibrationView>>
}

export type Edge = {
  id: string
  farm: string
  /** Raw Ed25519, base64url. */
  publicKey: string
  enrolledAt: number
  /** Last seen before the service started, or 0. */
  seenAt: number
}

export type Edges = {
  of(farm: string): Promise<Edge[]>
  all(): Promise<Edge[]>
  byId(id: string): Promise<Edge | undefined>
  addCode(code: { hash: string; farm: string; person: string; expiresAt: number; now: number }): Promise<void>
  /**
   * Uses up a code and enrols the key that came with it, under `id` unless the farm knows this key already.
   * The same key may say the same code twice: its answer may have been lost. Undefined when the code does
   * not hold.
   */
  enrol(asked: {
    codeHash: string
    publicKey: string
    id: string
    now: number
  }): Promise<{ edge: Edge; isNew: boolean } | undefined>
  /** The edge is none any more, nor is the code that made it one; it may be enrolled anew. False when there is none. */
  retire(farm: string, id: string): Promise<boolean>
  saw(seen: ReadonlyMap<string, number>): Promise<void>
}

export type Alarms = {
  find(farm: string, query: AlarmsQuery): Promise<AlarmView[]>
  /** Open alarms (in any state but normal), worst first, then newest. */
  open(farm: string, house?: string): Promise<AlarmView[]>
  /** Ids that somebody acknowledged and that have not cleared. */
  acknowledged(farm: string): Promise<string[]>
  /** Applies events of the cloud itself. Returns what changed. */
  apply(farm: string, events: readonly AlarmEvent[], now: number): Promise<AlarmView[]>
  /** Undefined when there is no such alarm. `changed` is false when it was acknowledged before, or is over. */
  acknowledge(
    farm: string,
    id: string,
    by: { name: string; now: number },
  ): Promise<{ alarm: AlarmView; changed: boolean } | undefined>
}
