import { isDeepStrictEqual } from 'node:util'
import type { CalibrationView, NewCalibration } from '#domain/api/weighing.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Scales } from '../registry/port.ts'

/** Calibrations are only ever added: what a weight was worth on a day can be traced for as long as the file lives. */
export const scalesMigration = `
  CREATE TABLE scale_calibration (
    farm TEXT NOT NULL,
    id TEXT NOT NULL,
    house TEXT NOT NULL,
    device TEXT NOT NULL,
    empty_load REAL NOT NULL,
    mass_load REAL NOT NULL,
    mass_g REAL NOT NULL,
    grams_per_load REAL NOT NULL,
    at INTEGER NOT NULL,
    written_by TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (farm, id),
    FOREIGN KEY (farm, house) REFERENCES house(farm, id)
  ) STRICT, WITHOUT ROWID;
`

type Row = {
  id: string
  house: string
  device: string
  empty_load: number
  mass_load: number
  mass_g: number
  grams_per_load: number
  at: number
  written_by: string
  received_at: number
}

export function openScales(database: Database): Scales {
  const columns =
    'id, house, device, empty_load, mass_load, mass_g, grams_per_load, at, written_by, received_at'
  const all = database.prepare(
    `SELECT ${columns} FROM scale_calibration WHERE farm = ? ORDER BY at DESC, received_at DESC`,
  )
  const one = database.prepare(`SELECT ${columns} FROM scale_calibration WHERE farm = ? AND id = ?`)
  const insert = database.prepare(
    `INSERT INTO scale_calibration (farm, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return {
    calibrations: async (farm, house) =>
      (all.all(farm) as unknown as Row[])
        .filter((row) => house === undefined || row.house === house)
        .map((row) => ({ ...viewOf(row), house: row.house })),

    addCalibration: async (farm, house, added, { by, now, gramsPerLoad }) =>
      database.transaction(() => {
        const row = one.get(farm, added.id) as Row | undefined
        if (row) {
          const { by: _by, receivedAt: _at, gramsPerLoad: _line, ...known } = viewOf(row)
          const isSame = row.house === house && isDeepStrictEqual(known, added)
          return isSame ? { kind: 'repeat', value: viewOf(row) } : { kind: 'conflict' }
        }
        const { id, device, emptyLoad, massLoad, massG, at } = added
        insert.run(farm, id, house, device, emptyLoad, massLoad, massG, gramsPerLoad, at, by, now)
        return { kind: 'added', value: { ...added, by, receivedAt: now, gramsPerLoad } }
      }),
  }
}

function viewOf(row: Row): NewCalibration & CalibrationView {
  return {
    id: row.id,
    device: row.device,
    emptyLoad: row.empty_load,
    massLoad: row.mass_load,
    massG: row.mass_g,
    at: row.at,
    by: row.written_by,
    receivedAt: row.received_at,
    gramsPerLoad: row.grams_per_load,
  }
}
