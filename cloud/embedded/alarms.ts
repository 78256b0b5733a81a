import type { AlarmEvent } from '#domain/alarm.ts'
import { nextAlarmState } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import type { Database } from '#sqlite-file/database.ts'
import { applyAlarmEvent } from '../registry/apply-alarm-event.ts'
import type { Alarms } from '../registry/port.ts'

type AlarmRow = {
  id: string
  house: string
  device: string
  rule: string
  metric: string
  severity: AlarmView['severity']
  state: AlarmView['state']
  since: number
  raised_at: number
  received_at: number
  cleared_at: number | null
  acknowledged_at: number | null
  acknowledged_by: string | null
  value: number | null
  limit_value: number | null
  late: number
}

const columns = `id, house, device, rule, metric, severity, state, since, raised_at, received_at,
  cleared_at, acknowledged_at, acknowledged_by, value, limit_value, late`

/** The port, and what a batch needs inside a transaction of its own. */
export type SqliteAlarms = Alarms & {
  /** Call inside a transaction. Returns the alarms that changed, as they are now. */
  applyNow(farm: string, events: readonly AlarmEvent[], now: number): AlarmView[]
}

export function openAlarms(database: Database): SqliteAlarms {
  const byId = database.prepare(`SELECT ${columns} FROM alarm WHERE farm = ? AND id = ?`)
  const find = database.prepare(`
    SELECT ${columns} FROM alarm
    WHERE farm = :farm AND judged_at >= :from AND judged_at < :to
      AND (:house IS NULL OR house = :house) AND (:open = 0 OR state <> 'normal')
    ORDER BY judged_at DESC, id LIMIT :limit`)
  const open = database.prepare(`
    SELECT ${columns} FROM alarm
    WHERE farm = :farm AND state <> 'normal' AND (:house IS NULL OR house = :house)
    ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, judged_at DESC, id`)
  const acknowledged = database.prepare(
    `SELECT id FROM alarm WHERE farm = ? AND state <> 'normal' AND state = 'acknowledged' ORDER BY id`,
  )
  const upsert = database.prepare(`
    INSERT INTO alarm (farm, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (farm, id) DO UPDATE SET state = excluded.state, cleared_at = excluded.cleared_at,
      acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by, late = excluded.late`)

  const alarmIf = (farm: string, id: string) => {
    const row = byId.get(farm, id) as AlarmRow | undefined
    return row && alarmOf(row)
  }
  const save = (farm: string, alarm: AlarmView) => {
    const { id, house, device, rule, metric, severity, state, since } = alarm
    const { raisedAt, receivedAt, clearedAt, acknowledgedAt, acknowledgedBy, value, limit, late } = alarm
    upsert.run(
      ...[farm, id, house, device, rule, metric, severity, state, since, raisedAt, receivedAt, clearedAt],
      ...[acknowledgedAt, acknowledgedBy, value, limit, late ? 1 : 0],
    )
  }
  const applyNow: SqliteAlarms['applyNow'] = (farm, events, now) => {
    const changed = new Map<string, AlarmView>()
    for (const event of events) {
      const before = changed.get(event.alarm) ?? alarmIf(farm, event.alarm)
      const after = applyAlarmEvent(before, event, now)
      if (after !== before) changed.set(event.alarm, after)
    }
    for (const alarm of changed.values()) save(farm, alarm)
    return [...changed.values()]
  }

  return {
    find: async (farm, { open, house, from, to, limit }) => {
      const rows = find.all({
        farm,
        from: from ?? 0,
        to: to ?? Number.MAX_SAFE_INTEGER,
        house: house ?? null,
        open: open ? 1 : 0,
        limit: limit ?? 100,
      })
      return (rows as unknown as AlarmRow[]).map(alarmOf)
    },
    open: async (farm, house) =>
      (open.all({ farm, house: house ?? null }) as unknown as AlarmRow[]).map(alarmOf),
    acknowledged: async (farm) => acknowledged.all(farm).map(({ id }) => String(id)),

    applyNow,
    apply: async (farm, events, now) => database.transaction(() => applyNow(farm, events, now)),

    acknowledge: async (farm, id, { name, now }) =>
      database.transaction(() => {
        const before = alarmIf(farm, id)
        if (!before) return undefined
        const state = nextAlarmState(before.state, 'acknowledged')
        if (state === before.state) return { alarm: before, changed: false }
        const alarm = { ...before, state, acknowledgedAt: now, acknowledgedBy: name }
        save(farm, alarm)
        return { alarm, changed: true }
      }),
  }
}

function alarmOf(row: AlarmRow): AlarmView {
  const { id, house, device, rule, metric, severity, state, since, value } = row
  return {
    ...{ id, house, device, rule, metric, severity, state, since, value },
    raisedAt: row.raised_at,
    receivedAt: row.received_at,
    clearedAt: row.cleared_at,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    limit: row.limit_value,
    late: row.late === 1,
  }
}
