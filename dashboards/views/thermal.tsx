import { useEffect, useRef } from 'preact/hooks'
import type { HouseView, ThermalView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { drawHeat, scaleSteps } from '../charts/draw-heat.ts'
import { Age } from '../parts/age.tsx'
import { useAnswer, usePage, useStateOf } from '../state/context.ts'
import { deviceNames } from '../values/device-names.ts'

/** The newest picture of each thermal camera: a live one, or what the service has. */
export function ThermalCard({ house }: { house: HouseView }) {
  const { texts, actions } = usePage()
  const live = useStateOf((state) => state.thermal)
  const hasCamera = house.latest.some(({ metric }) => metric.startsWith('thermal.'))
  const answer = useAnswer<ThermalView[]>(
    hasCamera ? actions.farmPath(routes.thermal, { house: house.id }) : undefined,
  )
  const frames = new Map((answer.body ?? []).map((frame) => [frame.device, frame]))
  for (const [key, frame] of Object.entries(live)) {
    const known = frames.get(frame.device)
    if (key === `${house.id}|${frame.device}` && (!known || known.t <= frame.t))
      frames.set(frame.device, frame)
  }
  if (!hasCamera) return null
  const names = deviceNames(house.latest, texts)
  return (
    <section class="card thermal-card">
      <h2>{texts.house.thermal}</h2>
      {frames.size === 0 && <p class="quiet">{texts.house.noThermal}</p>}
      {[...frames.values()].map((frame) => (
        <Thermal
          key={frame.device}
          frame={frame}
          name={frames.size > 1 ? names.get(frame.device) : undefined}
        />
      ))}
    </section>
  )
}

/** `name` where a house has several cameras. */
function Thermal({ frame, name }: { frame: ThermalView; name: string | undefined }) {
  const { texts, format } = usePage()
  const canvas = useRef<HTMLCanvasElement>(null)
  const low = frame.centiC.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = frame.centiC.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (canvas.current) drawHeat(canvas.current, frame, low, high)
  }, [frame])
  const degrees = (centiC: number) => format.withUnit('thermal.max', centiC / 100)
  const spot = (centiC: number) => {
    const index = frame.centiC.indexOf(centiC)
    const column = index % frame.width
    const row = Math.floor(index / frame.width)
    return { left: `${((column + 0.5) / frame.width) * 100}%`, top: `${((row + 0.5) / frame.height) * 100}%` }
  }
  return (
    <figure class="thermal">
      <div class="thermal-picture">
        <canvas
          ref={canvas}
          width={frame.width}
          height={frame.height}
          role="img"
          aria-label={`${texts.house.thermal}: ${texts.house.thermalSummary(degrees(low), degrees(high))}`}
        />
        <span class="spot hot" style={spot(high)} aria-hidden="true" />
        <span class="spot cold" style={spot(low)} aria-hidden="true" />
      </div>
      <div class="heat-scale" aria-hidden="true">
        <span class="heat-bar" style={{ background: `linear-gradient(to right, ${scaleSteps.join(',')})` }} />
        <div class="heat-numbers">
          {[0, 0.5, 1].map((share) => (
            <span key={share}>{degrees(low + (high - low) * share)}</span>
          ))}
        </div>
      </div>
      <figcaption>
        {name !== undefined && <span>{name}</span>}
        <span>
          <span class="spot-key hot" /> {texts.house.hottest} {degrees(high)}
        </span>
        <span>
          <span class="spot-key cold" /> {texts.house.coldest} {degrees(low)}
        </span>
        <Age t={frame.t} />
      </figcaption>
    </figure>
  )
}
