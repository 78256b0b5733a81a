import { useState } from 'preact/hooks'
import type { HouseView } from '#domain/api/farm.ts'
import type { ScaleDay } from '#domain/api/weighing.ts'
import { Icon } from '../../parts/icon.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { usePage } from '../../state/context.ts'
import { Calibrate } from './calibrate.tsx'
import { Trace } from './trace.tsx'

type Given = {
  house: HouseView
  scale: ScaleDay
  name: string
  span: { from: number; to: number }
  isOnly: boolean
}

/** One scale: its own mean, its day, what is wrong with it, and its calibration. */
export function ScaleSection({ house, scale, name, span, isOnly }: Given) {
  const { texts, format } = usePage()
  const [isCalibrating, setCalibrating] = useState(false)
  const { mean, notEnough, calibration, calibrationDue: due, strayPercent, zeroG } = scale
  const grams = (value: number) => format.withUnit('bird.weight.mean', value)
  return (
    <section class="scale">
      <h3>{name}</h3>
      {!isOnly && mean && (
        <p>
          {grams(mean.meanG)}{' '}
          <span class="quiet">
            {grams(mean.low)} … {grams(mean.high)}
          </span>
        </p>
      )}
      {!isOnly && notEnough && (
        <p class="quiet">
          {texts.weight.notEnough(format.number(notEnough.n), format.number(notEnough.needed))}
        </p>
      )}
      {strayPercent !== null && (
        <p class="note bad">
          <Icon name="warning" />
          {texts.weight.stray(format.percent(Math.abs(strayPercent) / 100), strayPercent > 0)}
        </p>
      )}
      {scale.faults.map(({ fault, t }) => (
        <p class="note bad" key={fault}>
          <Icon name="warning" />
          <span>
            <strong>
              {texts.weight.faults[fault].title} · {format.time(t.at(-1) ?? 0, house.timeZone)}
              {t.length > 1 && ` (${texts.weight.times(format.number(t.length))})`}
            </strong>{' '}
            {texts.weight.faults[fault].todo}
          </span>
        </p>
      ))}
      <details class="counters">
        <summary>{texts.weight.trace}</summary>
        <Trace scale={scale} span={span} timeZone={house.timeZone} />
      </details>
      <p class={due === null || due === 'never' ? 'quiet' : 'note bad'}>
        {calibration
          ? texts.weight.calibrated(format.time(calibration.at, house.timeZone, 0), calibration.by)
          : texts.weight.neverCalibrated}{' '}
        {due === 'monthly' && texts.weight.dueMonthly}
        {due === 'zero-drifted' && texts.weight.dueZero(grams(zeroG ?? 0))}
      </p>
      <button type="button" class="button" onClick={() => setCalibrating(true)}>
        {texts.weight.calibrate}
      </button>
      {isCalibrating && (
        <Sheet title={texts.weight.calibrateTitle(name)} onClose={() => setCalibrating(false)}>
          <Calibrate house={house} scale={scale} onDone={() => setCalibrating(false)} />
        </Sheet>
      )}
    </section>
  )
}
