import type { HouseView } from '#domain/api/farm.ts'
import { useNow, usePage } from '../state/context.ts'
import { FAR_C } from '../values/house-order.ts'
import { type Picked, pickValue, temperatureBadness } from '../values/pick-value.ts'
import { Icon } from './icon.tsx'
import { Figure, Missing, ValueTile } from './value-tile.tsx'

/** What a stockman wants to know first, each with its target and age. */
export function HouseValues({ house }: { house: HouseView }) {
  const { texts, format } = usePage()
  const now = useNow()
  const { flock, latest } = house
  const targetC = flock?.targetTemperatureC ?? undefined
  const temperature = pickValue(latest, 'air.temperature', now, temperatureBadness(targetC))
  const spreadText = ({ of, low, high }: Picked) => {
    const [from, to] = [low, high].map((value) => format.value('air.temperature', value))
    return from === to ? texts.overview.alike(of) : texts.overview.farthestOf(of, from ?? '', to ?? '')
  }
  const plain = (['air.humidity', 'air.nh3', 'air.co2'] as const).map((metric) => ({
    metric,
    picked: pickValue(latest, metric, now),
  }))
  return (
    <div class="values first">
      <ValueTile
        label={texts.metrics['air.temperature']}
        value={temperature?.value}
        size="large"
        hint={temperature && temperature.of > 1 ? spreadText(temperature) : undefined}
      >
        {targetC !== undefined && (
          <span class="target">
            {texts.overview.target(format.withUnit('air.temperature', targetC))}
            {temperature?.isFresh && <Deviation value={temperature.value.value} target={targetC} />}
          </span>
        )}
      </ValueTile>
      {plain.map(({ metric, picked }) => (
        <ValueTile
          key={metric}
          label={texts.metrics[metric]}
          value={picked?.value}
          hint={picked && picked.of > 1 ? texts.overview.highestOf(picked.of) : undefined}
        />
      ))}
      <BirdsTile house={house} />
      <WeightTile house={house} />
    </div>
  )
}

function Deviation({ value, target }: { value: number; target: number }) {
  const { texts, format } = usePage()
  const by = Math.round((value - target) * 10) / 10
  if (Math.abs(by) < 0.5) {
    return (
      <span class="deviation">
        <Icon name="check" />
        {texts.overview.onTarget}
      </span>
    )
  }
  const amount = format.withUnit('air.temperature', Math.abs(by))
  return (
    <span class={Math.abs(by) >= FAR_C ? 'deviation far' : 'deviation'}>
      <Icon name={by > 0 ? 'up' : 'down'} />
      {by > 0 ? texts.overview.above(amount) : texts.overview.below(amount)}
    </span>
  )
}

function BirdsTile({ house: { flock } }: { house: HouseView }) {
  const { texts, format } = usePage()
  return (
    <div class="tile normal">
      <span class="tile-label">{texts.overview.birds}</span>
      <span class="tile-value">
        {flock ? <Figure number={format.number(flock.balance.present)} unit="" /> : <Missing />}
      </span>
      {flock && <span class="age">{texts.overview.fromBooks}</span>}
    </div>
  )
}

function WeightTile({ house: { flock, latest } }: { house: HouseView }) {
  const { texts, format } = usePage()
  const now = useNow()
  const weight = pickValue(latest, 'bird.weight.mean', now)?.value
  const targetG = flock?.targetWeightG ?? undefined
  const n = weight?.detail?.n
  return (
    <ValueTile
      label={texts.overview.weight}
      value={weight}
      isWide
      hint={n === undefined ? undefined : texts.overview.birdsWeighed(format.number(n))}
    >
      {targetG !== undefined && (
        <span class="target">
          {texts.overview.target(format.withUnit('bird.weight.mean', targetG))}
          {weight && (
            <span class="deviation">{texts.overview.ofTarget(format.percent(weight.value / targetG))}</span>
          )}
        </span>
      )}
    </ValueTile>
  )
}
