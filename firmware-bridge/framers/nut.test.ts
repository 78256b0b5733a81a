import { describe, expect, it } from 'vitest'
import { createNutFramer, encodeNutAnswer, type NutLine } from './nut.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const frames = (pieces: readonly Uint8Array[]): NutLine[] => {
  const framer = createNutFramer()
  return pieces.flatMap((piece) =>
    framer.push(piece).flatMap((event) => (event.kind === 'frame' ? [event.frame] : [])),
  )
}
const said = { 'battery.charge': '87', 'ups.status': 'OL CHRG', 'ups.mfr': 'A "B" \\ C', 'ups.id': '' }
const answer = encodeNutAnswer('coop', said)
const whole: NutLine[] = [
  ...Object.entries(said).map(([name, value]) => ({ kind: 'variable', name, value }) as const),
  { kind: 'end' },
]

describe('answers of a NUT server', () => {
  it('are read wherever they are cut in two', () => {
    for (let at = 0; at <= answer.length; at++)
      expect(frames([answer.subarray(0, at), answer.subarray(at)])).toEqual(whole)
  })

  it('tell an error by its code', () => {
    expect(frames([bytes('ERR DATA-STALE\r\n')])).toEqual([{ kind: 'error', code: 'DATA-STALE' }])
  })

  it.each(['VAR coop battery.charge "87', 'VAR coop "87"', 'hello', `VAR coop x "${'9'.repeat(2_000)}"`])(
    'count %.30s… as noise and go on',
    (line) => {
      const framer = createNutFramer()
      const events = framer.push(bytes(`${line}\nEND LIST VAR coop\n`))
      expect(events[0]).toMatchObject({ kind: 'discarded', reason: 'noise' })
      expect(events.at(-1)).toEqual({ kind: 'frame', frame: { kind: 'end' } })
    },
  )
})
