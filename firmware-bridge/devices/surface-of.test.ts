import { expect, it } from 'vitest'
import type { DeviceConfig } from '#domain/config.ts'
import { forSurface } from '../thermal/emissivity.ts'
import type { ThermalDefinition } from './definition.ts'
import { devices, findDevice } from './index.ts'

const thermals = devices.filter((device): device is ThermalDefinition => device.kind === 'thermal')

/** What a camera that is set in this way says of one that shows 38 °C everywhere, and 30 °C of itself. */
function shown(model: string, own: Partial<DeviceConfig>): number {
  const definition = findDevice(model)
  if (definition?.kind !== 'thermal') expect.unreachable()
  const config = { id: 'd', house: 'h1', model, ...own }
  const centiC = new Int16Array(definition.width * definition.height).fill(3800)
  const bytes = definition.encode({ ambientCentiC: 3000, centiC })
  const [event] = (definition.configured?.(config) ?? definition).createFramer().push(bytes)
  if (event?.kind !== 'frame') expect.unreachable()
  return (event.frame.centiC[0] ?? Number.NaN) / 100
}

it.each(thermals)('$model takes an emissivity and what is mirrored', ({ model }) => {
  const [shiny, black] = [0.8, 1].map((emissivity) =>
    shown(model, { thermal: { emissivity, reflectedC: 15 } }),
  )
  // The colder the house that is mirrored, the warmer is what gives off the rest.
  expect((shiny ?? 0) - (black ?? 0)).toBeGreaterThan(3)
})

it('a camera that assumed another emissivity is put right by the physics of it', () => {
  const feathers = { emissivity: 0.95, reflectedC: 22 }
  const black = { emissivity: 1, reflectedC: 22 }
  expect(shown('lepton-3', { thermal: feathers })).toBeCloseTo(forSurface(38, black, feathers), 1)
  expect(shown('lepton-3', { thermal: { ...feathers, deviceEmissivity: 0.95 } })).toBe(38)
  // A sensor that measures the house needs to be told nothing of it: 8 °C below itself.
  const house = { emissivity: 0.95, reflectedC: 22 }
  expect(shown('gy-mcu90640', { thermal: { emissivity: 0.9 } })).toBeCloseTo(
    forSurface(38, house, { ...house, emissivity: 0.9 }),
    1,
  )
})

it('what nobody set stays as it is', () => {
  for (const { model, workedOut } of thermals)
    if (workedOut === 'in the camera') expect(shown(model, {})).toBe(38)
})

it.each(thermals)('$model passes on as many pictures as are wanted', (definition) => {
  const config = { id: 'd', house: 'h1', model: definition.model, picture: { everyS: 7 } }
  const { everyMs } = definition.configured?.(config) ?? definition
  const asked = definition.media?.ask(config).everyMs
  expect([everyMs, asked]).toContain(7000)
})
