import { useEffect, useRef, useState } from 'preact/hooks'
import { usePage } from '../state/context.ts'
import { joinUnit } from '../values/format.ts'
import type { ChartData } from './chart-data.ts'

type Given = {
  label: string
  data: ChartData
  from: number
  to: number
  timeZone: string
  unit: string
  decimals: number
  fromZero?: boolean
  bars?: boolean
}

/** A chart whose values can be read with a finger. uPlot comes when the first one is drawn. */
export function Chart({
  label,
  data,
  from,
  to,
  timeZone,
  unit,
  decimals,
  fromZero = false,
  bars = false,
}: Given) {
  const { texts, format, theme } = usePage()
  const element = useRef<HTMLDivElement>(null)
  const [index, setIndex] = useState<number>()
  useEffect(() => {
    let plotted: { close(): void } | undefined
    let isOver = false
    void import('./plot.ts').then(({ plot }) => {
      if (isOver || !element.current) return
      plotted = plot({
        element: element.current,
        data,
        from,
        to,
        timeZone,
        locale: texts.locale,
        decimals,
        fromZero,
        bars,
        onPoint: setIndex,
      })
    })
    return () => {
      isOver = true
      plotted?.close()
    }
  }, [data, theme, texts])
  const moment = index === undefined ? undefined : data.t[index]
  return (
    <>
      <p class="chart-read" aria-hidden="true">
        {moment !== undefined && (
          <>
            <span>{format.time(moment * 1000, timeZone, to)}</span>
            {data.lines.map((line) => {
              const value = line.mean[index ?? 0]
              if (typeof value !== 'number') return null
              return (
                <strong key={line.name}>
                  {line.isTarget ? `${texts.charts.target} ` : ''}
                  {joinUnit(format.number(value, decimals), unit)}
                </strong>
              )
            })}
          </>
        )}
      </p>
      <div ref={element} class="chart" role="img" aria-label={label} />
    </>
  )
}
