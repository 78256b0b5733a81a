import { useState } from 'preact/hooks'
import type { HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import type { WeighedDay, WeighingView } from '#domain/api/weighing.ts'
import { Age } from '../../parts/age.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useAnswer, usePage, useStateOf } from '../../state/context.ts'
import { deviceNames } from '../../values/device-names.ts'
import { AgainstBreed } from './against-breed.tsx'
import { Corrections } from './corrections.tsx'
import { Histogram } from './histogram.tsx'
import { keepMarketG, keptMarketG } from './market-weight.ts'
import { ScaleSection } from './scale-section.tsx'

/** The flock's weight today: the mean with its interval, how it came about, where it leads, and each scale. */
export function WeightCard({ house }: { house: HouseView }) {
  const { texts, actions } = usePage()
  const [marketG, setMarketG] = useState(keptMarketG)
  const hasScale = house.latest.some(
    ({ metric }) => metric === 'scale.load' || metric.startsWith('bird.weight'),
  )
  const changed = useStateOf((state) => state.changed[house.id])
  const newest = Math.max(
    0,
    ...house.latest.filter(({ metric }) => metric === 'bird.weight.mean').map(({ t }) => t),
  )
  const path = hasScale
    ? `${actions.farmPath(routes.weighing, { house: house.id })}?marketG=${marketG}`
    : undefined
  const answer = useAnswer<WeighingView>(path, `${changed}|${newest}`, path?.split('?')[0])
  if (!hasScale) return null
  const view = answer.body
  const names = deviceNames(house.latest, texts)
  return (
    <section class="card padded weight-card">
      <h2>{texts.weight.title}</h2>
      {!view && <p class="quiet">{texts.common.loading}</p>}
      {view && (
        <>
          <HouseMean view={view} at={answer.at} hasFlock={house.flock !== null} />
          {view.placementDoubtDays !== null && (
            <p class="note bad">
              <Icon name="warning" />
              {texts.weight.placementDoubt(view.placementDoubtDays)}
            </p>
          )}
          <AgainstBreed
            view={view}
            marketG={marketG}
            onMarket={(grams) => {
              keepMarketG(grams)
              setMarketG(grams)
            }}
          />
          {view.scales.map((scale) => (
            <ScaleSection
              key={scale.device}
              house={house}
              scale={scale}
              name={names.get(scale.device) ?? scale.device}
              span={{ from: view.from, to: view.to }}
              isOnly={view.scales.length === 1}
            />
          ))}
        </>
      )}
    </section>
  )
}

function HouseMean({ view, at, hasFlock }: { view: WeighingView; at: number; hasFlock: boolean }) {
  const { texts, format } = usePage()
  const { house: mean, hand } = view
  const grams = (value: number) => format.withUnit('bird.weight.mean', value)
  if (!mean) {
    return (
      <>
        <p class="quiet">
          {!hasFlock
            ? texts.weight.noFlock
            : view.notEnough
              ? texts.weight.notEnough(format.number(view.notEnough.n), format.number(view.notEnough.needed))
              : texts.weight.noTable}
        </p>
        {hand && <p>{texts.weight.hand(format.number(hand.birds), grams(hand.meanG))}</p>}
      </>
    )
  }
  const best = hand?.merged ?? mean
  return (
    <>
      <p class="weight-mean">
        <strong>{grams(best.meanG)}</strong> <Age t={at} />
      </p>
      <p class="quiet">
        {texts.weight.interval} {grams(best.low)} … {grams(best.high)}
        <br />
        {texts.weight.stands(format.number(mean.n), format.number(mean.birds))}
      </p>
      {hand && (
        <p class={hand.merged?.disagree ? 'note bad' : 'quiet'}>
          {texts.weight.hand(format.number(hand.birds), grams(hand.meanG))}{' '}
          {hand.merged &&
            (hand.merged.disagree
              ? texts.weight.handDisagrees(grams(mean.meanG))
              : texts.weight.handCounts(format.percent(hand.merged.handPercent / 100)))}
        </p>
      )}
      <Figures mean={mean} gainG={view.gainG} />
      <Histogram histogram={mean.histogram} label={texts.weight.histogram(format.number(mean.n))} />
      <Corrections mean={mean} />
    </>
  )
}

function Figures({ mean, gainG }: { mean: WeighedDay; gainG: number | null }) {
  const { texts, format } = usePage()
  const grams = (value: number) => format.withUnit('bird.weight.mean', value)
  const share = (value: number) => format.percent(value / 100)
  const rows: [string, string][] = [
    [texts.weight.spread, format.withUnit('bird.weight.cv', mean.cvPercent)],
    [texts.weight.within(10), share(mean.u10Percent)],
    [texts.weight.within(15), share(mean.u15Percent)],
    [texts.weight.deviation, grams(mean.sdG)],
  ]
  if (gainG !== null) rows.unshift([texts.weight.gain, `${gainG > 0 ? '+' : ''}${grams(gainG)}`])
  if (mean.sexes) {
    const { heavyG, lightG, heavyPercent } = mean.sexes
    rows.push([
      texts.weight.sexes,
      texts.weight.sexesAre(grams(heavyG), share(heavyPercent), grams(lightG), share(100 - heavyPercent)),
    ])
  }
  return (
    <dl class="counter-list">
      {rows.map(([label, figure]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  )
}
