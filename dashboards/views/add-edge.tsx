import { useState } from 'preact/hooks'
import type { EnrolmentCode } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import type { Failure } from '../api/client.ts'
import { FailureNote } from '../parts/messages.tsx'
import { usePage, useStateOf } from '../state/context.ts'
import { hereZone } from '../values/time-zones.ts'

/** The step that names where this page came from: the box talks to the same service. */
const ADDRESS_STEP = 1

export function AddEdgeView() {
  const { texts, format, api, actions } = usePage()
  const timeZone = useStateOf((state) => state.overview?.farm.timeZone) ?? hereZone()
  const [code, setCode] = useState<EnrolmentCode>()
  const [failure, setFailure] = useState<Failure>()
  return (
    <>
      <h1 class="page-title">{texts.farm.addEdge}</h1>
      <div class="card padded">
        <p>{texts.farm.addEdgeLead}</p>
        <ol class="steps">
          {texts.farm.addEdgeSteps.map((step, index) => (
            <li key={step}>
              {step}
              {index === ADDRESS_STEP && <output class="address">{location.origin}</output>}
            </li>
          ))}
        </ol>
        {code && (
          <p class="code" role="status">
            <output>{code.code}</output>
            <span class="hint">
              {texts.farm.codeUntil(format.time(code.expiresAt, timeZone, actions.serverNow()))}
            </span>
          </p>
        )}
        {failure && <FailureNote failure={failure} />}
        <button
          type="button"
          class="button primary wide"
          onClick={async () => {
            const result = await api.post<EnrolmentCode>(actions.farmPath(routes.enrolmentCodes))
            setCode(result.ok ? result.body : undefined)
            setFailure(result.ok ? undefined : result.failure)
          }}
        >
          {texts.farm.makeCode}
        </button>
      </div>
    </>
  )
}
