/** Hand weighings of one bird: day → g. */
export type HandWeighings = { bird: string; byDay: Map<string, number> }

/** Reads `daily-manual-weights.csv`: bird_id, one column a day (ISO date), and columns that are no day. */
export function readHandWeighings(csv: string): HandWeighings[] {
  const [heading = [], ...rows] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(',').map((cell) => cell.trim()))
  return rows.map(([bird = '', ...cells]) => {
    const byDay = new Map<string, number>()
    for (const [index, cell] of cells.entries()) {
      const day = heading[index + 1] ?? ''
      if (/^\d{4}-\d\d-\d\d$/.test(day) && Number(cell) > 0) byDay.set(day, Number(cell))
    }
    return { bird, byDay }
  })
}

/** Reads `masses.csv`: file, true_g. */
export function readMasses(csv: string): { file: string; trueG: number }[] {
  return csv
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','))
    .map(([file = '', grams = '']) => ({ file: file.trim(), trueG: Number(grams) }))
    .filter(({ trueG }) => trueG > 0)
}
