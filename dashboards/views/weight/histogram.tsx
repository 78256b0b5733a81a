import type { WeighedDay } from '#domain/api/weighing.ts'
import { usePage } from '../../state/context.ts'

export function Histogram({ histogram, label }: { histogram: WeighedDay['histogram']; label: string }) {
  const { format } = usePage()
  const { fromG, widthG, counts } = histogram
  const most = Math.max(1, ...counts)
  const width = 100 / counts.length
  return (
    <>
      <svg class="histogram" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
        {counts.map((count, index) => {
          const height = (38 * count) / most
          const start = fromG + index * widthG
          return (
            <rect key={start} x={index * width + 0.2} width={width - 0.4} y={40 - height} height={height} />
          )
        })}
      </svg>
      <div class="heat-numbers" aria-hidden="true">
        <span>{format.withUnit('bird.weight', fromG)}</span>
        <span>{format.withUnit('bird.weight', fromG + counts.length * widthG)}</span>
      </div>
    </>
  )
}
