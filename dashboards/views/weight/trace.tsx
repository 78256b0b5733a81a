import type { ScaleDay } from '#domain/api/weighing.ts'
import { usePage } from '../../state/context.ts'

type Given = { scale: ScaleDay; span: { from: number; to: number }; timeZone: string }

const HEIGHT = 48
const ABOVE = 2.2

/** Every load that came and went: what was taken as a bird (dots) and what was not (crosses), and why. */
export function Trace({ scale, span, timeZone }: Given) {
  const { texts, format } = usePage()
  const { taken, refused } = scale
  const middle = taken.grams.toSorted((a, b) => a - b)[taken.grams.length >> 1]
  const all = refused.flatMap(({ grams }) => grams)
  const topG = middle === undefined ? Math.max(1, ...all) : ABOVE * middle
  const x = (t: number) => (100 * (t - span.from)) / (span.to - span.from)
  const y = (grams: number) => HEIGHT - HEIGHT * Math.min(1, Math.max(0, grams / topG))
  const dots = (t: readonly number[], grams: readonly number[]) =>
    t.map((at, index) => `M${x(at).toFixed(2)} ${y(grams[index] as number).toFixed(1)}h0`).join('')
  const summary = texts.weight.traceSummary(
    format.number(taken.t.length),
    format.number(refused.reduce((sum, { t }) => sum + t.length, 0)),
  )
  const noon = span.from + (span.to - span.from) / 2
  return (
    <>
      <svg
        class="trace"
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary}
      >
        {refused.map(({ reason, t, grams }) => (
          <path key={reason} class="refused" d={dots(t, grams)} />
        ))}
        <path class="taken" d={dots(taken.t, taken.grams)} />
      </svg>
      <div class="heat-numbers" aria-hidden="true">
        <span>{format.time(span.from, timeZone)}</span>
        <span>{format.time(noon, timeZone)}</span>
        <span>{format.withUnit('bird.weight', topG)} ↑</span>
      </div>
      <dl class="counter-list">
        <div>
          <dt>
            <span class="dot taken" aria-hidden="true" />
            {texts.weight.taken}
          </dt>
          <dd>{format.number(taken.t.length)}</dd>
        </div>
        {refused.map(({ reason, t }) => (
          <div key={reason}>
            <dt>
              <span class="dot refused" aria-hidden="true" />
              {texts.weight.refusals[reason]}
            </dt>
            <dd>{format.number(t.length)}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
