import type { ComponentChildren } from 'preact'
import type { LatestValue } from '#domain/api/farm.ts'
import { usePage } from '../state/context.ts'
import { unitOf } from '../values/format.ts'
import { Age } from './age.tsx'

type Given = {
  label: string
  value: LatestValue | undefined
  /** Says which one of several it is. */
  hint?: string | undefined
  size?: 'large' | 'normal'
  isWide?: boolean
  children?: ComponentChildren
}

/** One measured value: what, how much, in which unit, how old, how good. Without a value: a dash, never 0. */
export function ValueTile({ label, value, hint, size = 'normal', isWide = false, children }: Given) {
  const { format } = usePage()
  return (
    <div class={isWide ? 'tile wide' : `tile ${size}`}>
      <span class="tile-label">{label}</span>
      <span class="tile-value">
        {value ? (
          <Figure number={format.value(value.metric, value.value)} unit={unitOf(value.metric)} />
        ) : (
          <Missing />
        )}
        {value && <QualityMark quality={value.quality} />}
        {value?.late && <LateMark />}
      </span>
      {children}
      {value && (
        <span class="tile-foot">
          <Age t={value.t} metric={value.metric} />
          {hint && <span class="tile-hint">{hint}</span>}
        </span>
      )}
    </div>
  )
}

/** Nothing for a good value; else a word that says how far it can be trusted. */
export function QualityMark({ quality }: Pick<LatestValue, 'quality'>) {
  const { texts } = usePage()
  const word = texts.house.quality[quality]
  if (word === '') return null
  return <span class={quality === 'estimated' ? 'quality' : 'quality doubtful'}>{word}</span>
}

/** The value came long after it was measured: the line was cut, or its clock was corrected. */
export function LateMark() {
  const { texts } = usePage()
  return <span class="quality">{texts.house.late}</span>
}

export function Figure({ number, unit }: { number: string; unit: string }) {
  return (
    <>
      <span class="number">{number}</span>
      {unit !== '' && <span class="unit">&nbsp;{unit}</span>}
    </>
  )
}

export function Missing() {
  const { texts } = usePage()
  return (
    <span class="missing">
      <span aria-hidden="true">{texts.common.none}</span>
      <span class="unseen">{texts.common.noValue}</span>
    </span>
  )
}
