import type { WeighedDay } from '#domain/api/weighing.ts'
import { usePage } from '../../state/context.ts'

/** From the plain mean of the weighings to the mean of the flock, one step a line. */
export function Corrections({ mean }: { mean: WeighedDay }) {
  const { texts, format } = usePage()
  const { timeOfDayG, partlyOnG, visitBiasG } = mean.corrections
  const grams = (value: number) => format.withUnit('bird.weight.mean', value)
  const signed = (value: number) => `${value < -0.5 ? '' : '+'}${grams(value)}`
  const rows = [
    [texts.weight.plain, grams(mean.plainG)],
    [texts.weight.timeOfDay, signed(timeOfDayG)],
    [texts.weight.partlyOn, signed(partlyOnG)],
    [texts.weight.visitBias, signed(visitBiasG)],
    [texts.weight.flockMean, grams(mean.meanG)],
  ] as const
  return (
    <details class="counters">
      <summary>{texts.weight.how}</summary>
      <dl class="counter-list">
        {rows.map(([label, figure]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">{texts.weight.repeats(format.number(mean.n), format.number(mean.birds))}</p>
      <p class="hint">{texts.weight.howHint}</p>
    </details>
  )
}
