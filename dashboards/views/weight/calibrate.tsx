import { useRef, useState } from 'preact/hooks'
import type { HouseView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import type { NewCalibration, ScaleDay } from '#domain/api/weighing.ts'
import { calibrate } from '#domain/weighing/calibration.ts'
import { gramsOf } from '#domain/weighing/scale-line.ts'
import { Field, Form } from '../../parts/form.tsx'
import { useNow, usePage, useStateOf } from '../../state/context.ts'
import { newUuid } from '../../values/new-uuid.ts'

type Given = { house: HouseView; scale: ScaleDay; onDone(): void }

/** A value that does not move on for so long is not what the scale shows now. */
const FRESH_MS = 8_000

/** Two points: what the scale says empty, and with a known mass on it. The load comes live from the house. */
export function Calibrate({ house, scale, onDone }: Given) {
  const { texts, format, api, actions } = usePage()
  const [emptyLoad, setEmpty] = useState<number>()
  const now = useNow()
  const load = useStateOf((state) =>
    state.overview?.houses
      .find((one) => one.id === house.id)
      ?.latest.find(
        ({ device, metric, by }) => device === scale.device && metric === 'scale.load' && by !== '',
      ),
  )
  // By when it came, not by its own time: the clock of the box may be off.
  const seen = useRef({ t: load?.t, at: 0 })
  if (load && load.t !== seen.current.t) seen.current = { t: load.t, at: now }
  const isFresh = load !== undefined && now - seen.current.at < FRESH_MS
  const isSteady = isFresh && load.quality === 'good'
  const line = scale.calibration ?? undefined
  const shown = load && format.number(Math.round(gramsOf(load.value, line)))
  const state = !isFresh ? texts.weight.noLoad : isSteady ? texts.weight.steady : texts.weight.moving
  return (
    <>
      <p class="weight-mean" aria-live="polite">
        <strong>{isFresh && shown !== undefined ? `${shown} g` : texts.common.none}</strong>{' '}
        <span class={isSteady ? 'quiet' : 'note'}>{state}</span>
      </p>
      {emptyLoad === undefined ? (
        <>
          <p>{texts.weight.stepEmpty}</p>
          <div class="actions">
            <button type="button" class="button" onClick={onDone}>
              {texts.common.cancel}
            </button>
            <button
              type="button"
              class="button primary"
              disabled={!isSteady}
              onClick={() => setEmpty(load?.value)}
            >
              {texts.weight.isEmpty}
            </button>
          </div>
        </>
      ) : (
        <Form
          submit={texts.weight.isOn}
          onCancel={onDone}
          onSubmit={async (fields) => {
            if (!isSteady)
              return {
                ok: false,
                failure: { kind: 'refused', status: 0, code: 'calibration-wrong', detail: state },
              }
            const massLoad = load?.value ?? Number.NaN
            const massG = Number(fields['massG'])
            const found = calibrate(emptyLoad, massLoad, massG)
            const body: NewCalibration = {
              // Of its own for each try: one whose answer was lost counts as well, and the last one holds.
              id: newUuid(),
              device: scale.device,
              emptyLoad,
              massLoad,
              massG,
              at: actions.serverNow(),
            }
            const result = await api.post(actions.farmPath(routes.calibrations, { house: house.id }), body)
            if (result.ok && found.ok) {
              const before = line?.gramsPerLoad ?? 1
              onDone()
              actions.notify({
                text: texts.weight.calibrationDone(format.percent(before / found.gramsPerLoad - 1)),
              })
              await actions.refresh()
            }
            return result
          }}
        >
          <p>{texts.weight.stepMass}</p>
          <Field
            name="massG"
            label={texts.weight.massG}
            hint={texts.weight.massHint}
            type="number"
            min={200}
            max={200_000}
            step="any"
          />
          {!isSteady && <p class="note">{state}</p>}
        </Form>
      )}
    </>
  )
}
