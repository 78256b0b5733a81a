import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartData } from './chart-data.ts'

export type PlotGiven = {
  element: HTMLElement
  data: ChartData
  from: number
  to: number
  timeZone: string
  locale: string
  decimals: number
  /** The scale begins at 0 (gases, amounts). */
  fromZero: boolean
  bars: boolean
  /** Where the finger is: index into the data, or undefined when it left. */
  onPoint(index: number | undefined): void
}

const HEIGHT_REM = 11
/** Told apart by pattern as well as by colour. */
const dashes: number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3]]

/** Draws one chart with uPlot; draws it anew when its place changes its width. */
export function plot(given: PlotGiven): { close(): void } {
  const { element, data } = given
  const columns: (number[] | uPlot.AlignedData[number])[] = [data.t]
  for (const line of data.lines)
    columns.push(line.mean, ...(line.min && line.max ? [line.max, line.min] : []))
  let drawn: uPlot | undefined
  const observer = new ResizeObserver(() => {
    const width = element.clientWidth
    if (width === 0 || drawn?.width === width) return
    drawn?.destroy()
    drawn = new uPlot(optionsFor(given, width), columns as uPlot.AlignedData, element)
  })
  observer.observe(element)
  return {
    close() {
      observer.disconnect()
      drawn?.destroy()
    },
  }
}

function optionsFor(given: PlotGiven, width: number): uPlot.Options {
  const { element, data, from, to, timeZone, locale, decimals, fromZero, bars, onPoint } = given
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const font = `${Math.round(rem * 0.75)}px ${style.fontFamily}`
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  data.lines.forEach((line, index) => {
    const ink = line.isTarget ? colour('--target-ink') : colour(`--line-${(index % 3) + 1}`)
    series.push({
      stroke: ink,
      width: line.isTarget ? 1.5 : 2,
      dash: line.isTarget ? [5, 5] : (dashes[index % dashes.length] ?? []),
      points: { show: !bars && !line.isTarget, size: 5, fill: ink, filter: lonePoints },
      ...(bars && uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.8, 32], align: 1 }), fill: ink }),
    })
    if (!line.min || !line.max) return
    const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
    if (!bars) bands.push({ series: [series.length, series.length + 1], fill: `${ink}2e` })
    series.push({ ...edge, show: !bars }, { ...edge, show: !bars })
  })
  const axis: uPlot.Axis = {
    stroke: colour('--ink-2'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: decimals })
  return {
    width,
    height: Math.round(HEIGHT_REM * rem),
    padding: [8, rem * 1.25, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    series,
    bands,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone),
    scales: {
      x: { range: [from / 1000, to / 1000] },
      y: { range: (_, low, high) => niceRange(low, high, fromZero, 10 ** -decimals) },
    },
    axes: [
      {
        ...axis,
        space: rem * 4,
        size: rem * 2,
        values: (_, moments) => timeLabels(moments, to - from, timeZone, locale),
      },
      {
        ...axis,
        space: rem * 1.9,
        size: rem * 3,
        gap: 6,
        values: (_, ticks) => ticks.map((tick) => numbers.format(tick)),
      },
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
  }
}

/** A value with a gap on either side has no line: it is drawn as a dot, or nobody would see it. */
function lonePoints(chart: uPlot, seriesIndex: number): number[] {
  const values = chart.data[seriesIndex] ?? []
  const measured = [...values.keys()].filter((index) => values[index] !== undefined)
  const isGap = (at: number) => typeof values[measured[at] ?? -1] !== 'number'
  return measured.filter((_, at) => !isGap(at) && isGap(at - 1) && isGap(at + 1))
}

/** Room above and below, and at least ten of the smallest steps: noise must not look like a storm. */
function niceRange(
  low: number | null,
  high: number | null,
  fromZero: boolean,
  step: number,
): [number, number] {
  if (low === null || high === null) return [0, 1]
  const bottom = fromZero ? 0 : low
  const room = Math.max((high - bottom) * 0.12, step * 5)
  return [fromZero ? 0 : bottom - room, high + room]
}

function timeLabels(moments: number[], spanMs: number, timeZone: string, locale: string): string[] {
  const isLong = spanMs > 36 * 3_600_000
  const format = new Intl.DateTimeFormat(
    locale,
    isLong
      ? { timeZone, day: 'numeric', month: 'numeric' }
      : { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  )
  return moments.map((moment) => format.format(moment * 1000))
}
