import type { NewHouse } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Field, Form } from '../parts/form.tsx'
import { usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'
import { hereZone, timeZones } from '../values/time-zones.ts'

export function AddHouseView() {
  const { texts, api, actions } = usePage()
  const farm = useStateOf((state) => state.overview?.farm)
  return (
    <>
      <h1 class="page-title">{texts.farm.addHouse}</h1>
      <div class="card padded">
        <Form
          submit={texts.farm.addHouse}
          onCancel={() => history.back()}
          onSubmit={async ({ id = '', name = '', timeZone = '', floorM2 }) => {
            const house: NewHouse = {
              id,
              name,
              timeZone,
              ...(floorM2 !== undefined && { floorM2: Number(floorM2) }),
            }
            const result = await api.post(actions.farmPath(routes.houses), house)
            if (result.ok) {
              await actions.refresh()
              location.hash = linkTo({ view: 'overview' })
            }
            return result
          }}
        >
          <Field name="name" label={texts.farm.houseName} maxLength={80} />
          <Field
            name="id"
            label={texts.farm.houseId}
            hint={texts.farm.houseIdHint}
            pattern="[a-z0-9][a-z0-9._@\-]{0,63}"
            maxLength={64}
          />
          <Field
            name="timeZone"
            label={texts.farm.timeZone}
            hint={texts.farm.timeZoneHint}
            value={farm?.timeZone ?? hereZone()}
            options={timeZones()}
            maxLength={64}
          />
          <Field
            name="floorM2"
            label={texts.farm.floor}
            type="number"
            min={1}
            max={100_000}
            step="any"
            isOptional
          />
        </Form>
      </div>
    </>
  )
}
