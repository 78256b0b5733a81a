import type { WeighingView } from '#domain/api/weighing.ts'
import { usePage } from '../../state/context.ts'

type Given = { view: WeighingView; marketG: number; onMarket(grams: number): void }

/** Where the flock stands against its breed, what its feed made of it, and when it is ready for the market. */
export function AgainstBreed({ view, marketG, onMarket }: Given) {
  const { texts, format } = usePage()
  const { breed, performance, market, ahead } = view
  if (!breed) return null
  const grams = (value: number) => format.withUnit('bird.weight.mean', value)
  const rows: [string, string][] = [
    [
      texts.weight.againstTable,
      `${breed.deviationPercent > 0 ? '+' : ''}${format.percent(breed.deviationPercent / 100)}`,
    ],
  ]
  if (breed.weightAgeDays !== null)
    rows.push([texts.weight.weightAge, texts.weight.dayOfAge(format.number(breed.weightAgeDays, 1))])
  if (performance) {
    rows.push([texts.weight.feedConversion, format.number(performance.feedConversion, 2)])
    rows.push([texts.weight.epef, format.number(performance.epef)])
  }
  return (
    <>
      <h3>{texts.weight.outlook}</h3>
      <dl class="counter-list">
        {rows.map(([label, figure]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      {performance && <p class="hint">{texts.weight.fedWith(format.kg(performance.feedKg))}</p>}
      <div class="field">
        <label for="market-g">{texts.weight.marketWeight}</label>
        <input
          id="market-g"
          type="number"
          inputMode="numeric"
          min={100}
          max={15_000}
          step={10}
          defaultValue={String(marketG)}
          onChange={(event) => {
            const wanted = event.currentTarget.valueAsNumber
            if (wanted >= 100 && wanted <= 15_000) onMarket(wanted)
          }}
        />
      </div>
      <p>
        {market
          ? texts.weight.marketDay(
              format.day(market.day),
              format.number(market.ageDays, 1),
              format.number(market.low, 1),
              format.number(market.high, 1),
            )
          : texts.weight.noMarketDay}
      </p>
      {ahead.length > 0 && (
        <details class="counters">
          <summary>{texts.weight.ahead}</summary>
          <dl class="counter-list">
            {ahead.map((one) => (
              <div key={one.day} class={one.meanG >= marketG ? 'reached' : undefined}>
                <dt>
                  {format.day(one.day)} · {texts.overview.day(one.ageDays)}
                </dt>
                <dd>
                  {grams(one.meanG)}{' '}
                  <span class="quiet">
                    {format.number(one.low)}–{format.number(one.high)}
                  </span>
                </dd>
              </div>
            ))}
          </dl>
          <p class="hint">{texts.weight.aheadHint}</p>
        </details>
      )}
    </>
  )
}
