import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CurveMistakeCode, curveMistakeCodes, curveMistakeText } from './curve-mistake.ts'
import { parseCurveCsv } from './parse-curve-csv.ts'

const rowsOf = (text: string) => {
  const parsed = parseCurveCsv(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
  return parsed.rows
}
/** Each mistake as `line code`. */
const mistakesOf = (text: string) => {
  const parsed = parseCurveCsv(text)
  return parsed.ok ? [] : parsed.mistakes.map(({ line, code }) => `${line} ${code}`)
}

const threeDays = {
  'as-hatched': [
    [0, 42, null, null, null],
    [7, 202.5, 33, 180, null],
    [14, 570, 80, 588, null],
  ],
}

describe('what spreadsheets write', () => {
  it.each([
    ['plain', 'day,bw_g,daily_feed_g,cum_feed_g\n0,42,,\n7,202.5,33,180\n14,570,80,588\n'],
    [
      'a byte order mark and CRLF',
      '\uFEFFday,bw_g,daily_feed_g,cum_feed_g\r\n0,42,,\r\n7,202.5,33,180\r\n14,570,80,588\r\n',
    ],
    [
      'semicolons and decimal commas',
      'day;bw_g;daily_feed_g;cum_feed_g\n0;42;;\n7;202,5;33;180\n14;570,0;80;588',
    ],
    ['tabs', 'Day\tBW_g\tdaily_feed_g\tcum_feed_g\n0\t42\n7\t202.5\t33\t180\n14\t570\t80\t588'],
    [
      'quotes and blanks',
      '"day" , "bw_g","daily_feed_g","cum_feed_g"\n"0",42,,\n 7 ,"202.5",33,180\n14,570,80,588',
    ],
    [
      'comments, blank lines, old Mac line ends',
      '# own\rday,bw_g,daily_feed_g,cum_feed_g\r\r0,42\r7,202.5,33,180\r14,570,80,588\r',
    ],
    ['a sep= line', 'sep=;\nday;bw_g;daily_feed_g;cum_feed_g\n0;42;;\n7;202,5;33;180\n14;570;80;588'],
    ['Chinese headings', '日龄,体重（g）,日采食量(g),累计采食量 (g)\n0,42,,\n7,202.5,33,180\n14,570,80,588'],
    [
      'any order of rows and trailing separators',
      'day,bw_g,daily_feed_g,cum_feed_g\n14,570,80,588,,\n0,42,,,,\n7,202.5,33,180,,',
    ],
  ])('%s', (_, text) => {
    expect(rowsOf(text)).toEqual(threeDays)
  })

  it('weeks become days, sexes become curves, other columns are named', () => {
    const parsed = parseCurveCsv(
      'sex,week,bw_g,hen_day_pct\n母,18,1550,9\nF,20,1700,58\nmale,18,1900,\n公,20,2100,',
    )
    expect(parsed).toEqual({
      ok: true,
      ignoredColumns: ['hen_day_pct'],
      rows: {
        male: [
          [126, 1900, null, null, null],
          [140, 2100, null, null, null],
        ],
        female: [
          [126, 1550, null, null, null],
          [140, 1700, null, null, null],
        ],
      },
    })
  })
})

describe('mistakes', () => {
  it('come all at once, each with its line', () => {
    const text =
      'day,bw_g,cum_feed_g,sex\n0,42,,\nx,60,,\n2,,,\n3,0.102,,\n4,90,50,\n4,95,60,\n5,80,60,\n6,181,40,\n7,20,2,5,1\n8,200,,hen'
    expect(mistakesOf(text)).toEqual([
      '3 not-a-number',
      '4 missing-value',
      '5 out-of-range',
      '7 duplicate-day',
      '8 weight-falls',
      '9 feed-falls',
      '10 too-many-fields',
      '11 unknown-sex',
    ])
  })

  it.each([
    ['', ['1 empty']],
    ['\n \n# nothing\n', ['1 empty']],
    ['weight,gain\n1,2', ['1 missing-column', '1 missing-column']],
    ['day,day,bw_g\n0,0,42\n1,1,50', ['1 duplicate-column']],
    ['day,"bw_g\n0,42', ['1 unclosed-quote']],
    ['day,bw_g\n0,42\n1,"50', ['3 unclosed-quote']],
    ['day,bw_g\n0,42', ['2 too-few-rows']],
    ['day,bw_g', ['1 too-few-rows']],
    ['day,bw_g,sex\n0,42,m\n0,42,f\n1,50,f', ['4 too-few-rows']],
    ['day,bw_g\n0,42\n1,-50', ['3 out-of-range']],
    ['day;bw_g\n0;42\n1;1.234,5', ['3 not-a-number']],
    ['day,bw_g\n0,42\n1,5e1', ['3 not-a-number']],
    ['day,bw_g\n0,42\n2000,50', ['3 out-of-range']],
    [`day,bw_g\n0,42\n1,${'9'.repeat(400)}`, ['3 out-of-range']],
    ['x'.repeat(200_001), ['1 too-large']],
  ])('%j', (text, expected) => {
    expect(mistakesOf(text)).toEqual(expected)
  })

  it('a file of another kind gives 200 of them and the number of the others', () => {
    const parsed = parseCurveCsv(`day,bw_g\n${'one,two\n'.repeat(1000)}`)
    const mistakes = parsed.ok ? [] : parsed.mistakes
    expect(mistakes).toHaveLength(201)
    expect(mistakes.at(-1)).toEqual({ code: 'more-mistakes', line: 1002, value: '1800' })
  })

  it('the typed slip of a circulating Cobb table is caught by the day after it', () => {
    expect(mistakesOf('day,bw_g\n10,330\n11,832\n12,440')).toEqual(['4 weight-falls'])
  })

  it.each(curveMistakeCodes)('%s has words in both languages', (code: CurveMistakeCode) => {
    const { en, zh } = curveMistakeText({ code, line: 12, column: 'bw_g', value: '$&' })
    expect(en).toMatch(/^Line 12: .{8,}/)
    expect(zh).toMatch(/^第 12 行：.*\p{Script=Han}/u)
    expect(en + zh).not.toMatch(/[{}]/)
  })
})

describe('whatever comes in', () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.integer({ min: -5, max: 6000 }).map(String),
    fc.constantFrom('', '"', '1,5', 'NaN', 'day', 'bw_g', '__proto__', '\u0000'),
  )
  const line = fc.tuple(fc.array(cell, { maxLength: 6 }), fc.constantFrom(',', ';', '\t'))
  const table = fc.array(
    line.map(([cells, separator]) => cells.join(separator)),
    { maxLength: 12 },
  )
  const withHeader = table.map((lines) => ['day,bw_g,fcr,sex', ...lines].join('\n'))

  it.each([
    ['any string', fc.string({ unit: 'binary', maxLength: 300 })],
    ['any table', withHeader],
  ])('%s gives rows or mistakes within the file, never an exception', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (text) => {
        const parsed = parseCurveCsv(text)
        if (parsed.ok) {
          for (const rows of Object.values(parsed.rows)) {
            expect(rows.length).toBeGreaterThan(1)
            rows.slice(1).forEach((row, index) => {
              expect(row[0]).toBeGreaterThan(rows[index]?.[0] ?? Number.NaN)
              expect(row[1]).toBeGreaterThanOrEqual(rows[index]?.[1] ?? Number.NaN)
            })
          }
          return
        }
        expect(parsed.mistakes.length).toBeGreaterThan(0)
        const lines = text.split(/\r\n|\n|\r/).length
        for (const mistake of parsed.mistakes) {
          expect(mistake.line).toBeGreaterThanOrEqual(1)
          expect(mistake.line).toBeLessThanOrEqual(lines)
          expect((mistake.value ?? '').length).toBeLessThanOrEqual(40)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('a written curve reads back the same, in both notations', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 2, maxLength: 40 })
    fc.assert(
      fc.property(steps, (tenths) => {
        let weight = 400
        const curve = tenths.map((step, day) => {
          weight += step
          return [day, weight / 10] as const
        })
        const english = ['day,bw_g', ...curve.map(([day, g]) => `${day},${g}`)].join('\n')
        const german = ['day;bw_g', ...curve.map(([day, g]) => `${day};${String(g).replace('.', ',')}`)].join(
          '\r\n',
        )
        const expected = { 'as-hatched': curve.map(([day, g]) => [day, g, null, null, null]) }
        expect(rowsOf(english)).toEqual(expected)
        expect(rowsOf(german)).toEqual(expected)
      }),
    )
  })
})
