import { describe, expect, it } from 'vitest'
import { NO_AMBIENT } from '#domain/frame.ts'
import { metrics } from '#domain/metrics.ts'
import { readRequestOf } from '../bus/modbus-bus.ts'
import type { ModbusRequest } from '../framers/modbus-pdu.ts'
import { createAnswerFramer, encodeAnswer } from '../framers/modbus-rtu.ts'
import type { Field, LoadDefinition, ModbusDefinition, ThermalDefinition } from './definition.ts'
import { devices, findDevice } from './index.ts'
import { answerFrom, decodeSpan, emptyImage, writeImage } from './register-image.ts'

const modbus = devices.filter((device): device is ModbusDefinition => device.kind === 'modbus')
const fields = modbus.flatMap((definition) =>
  definition.fields.map((field) => ({ model: definition.model, definition, field })),
)

describe.each(devices)('$model', (device) => {
  it('has a name of its own in both languages', () => {
    expect(findDevice(device.model)).toBe(device)
    expect(devices.filter(({ model }) => model === device.model)).toHaveLength(1)
    expect(device.title.zh).toMatch(/\p{Script=Han}/u)
    expect(device.title.en).toMatch(/^[\x20-\x7e×]+$/)
  })
})

/** Values that a field can hold, over its metric's whole range. */
function samplesOf({ metric }: Field): number[] {
  const { min, max, decimals } = metrics[metric]
  const step = 10 ** -decimals
  return [min, min + step, (min + max) / 2, max - step, max].map((value) => Math.round(value / step) * step)
}

/** Within what its registers can hold: some sensors end before their metric does. */
const isHeld = (field: Field, value: number): boolean =>
  field.step === 0 || Math.abs(value) < 0x7ffe * field.step || field.words === 2

const toleranceOf = ({ step }: Field, value: number): number => step / 2 + Math.abs(value) * 1e-6 + 1e-9

describe.each(fields)('$model $field.name', ({ definition, field }) => {
  it('is read by a request', () => {
    const reads = definition.reads.filter(
      ({ table, address, count }) =>
        table === field.table && address <= field.address && field.address + field.words <= address + count,
    )
    expect(reads).toHaveLength(1)
  })

  it('reads what was written, over the range of its metric', () => {
    for (const value of samplesOf(field)) {
      const read = field.decode(field.encode(value))
      if (read === undefined) continue
      if (isHeld(field, value)) expect(Math.abs(read - value)).toBeLessThanOrEqual(toleranceOf(field, value))
      const again = field.decode(field.encode(read))
      expect(again).toBe(read)
      const { min, max } = metrics[field.metric]
      expect(read).toBeGreaterThanOrEqual(min)
      expect(read).toBeLessThanOrEqual(max)
    }
    expect(field.decode(field.encode(1))).toBe(1)
    expect(field.decode(field.encode(0))).toBe(0)
  })

  it('signals a fault, or says nothing', () => {
    expect(field.decode(field.encode(undefined))).toBeUndefined()
    expect(field.decode([])).toBeUndefined()
  })
})

describe.each(modbus)('$model on the wire', (definition) => {
  it('reads from its answers what was put into its registers', () => {
    const image = emptyImage()
    const values = Object.fromEntries(definition.fields.map(({ name }, index) => [name, index % 2]))
    writeImage(image, definition, values)
    const read = definition.reads.flatMap((span) => {
      const request = readRequestOf(7, span)
      const bytes = encodeAnswer(request, answerFrom(image, definition, request))
      return createAnswerFramer([request])
        .push(bytes)
        .flatMap((event) =>
          event.kind === 'frame' && event.frame.answer.kind === 'values'
            ? decodeSpan(definition, span, event.frame.answer.values)
            : [],
        )
    })
    expect(Object.fromEntries(read.map(({ field, value }) => [field.name, value]))).toEqual(values)
  })

  it('refuses registers that it does not have', () => {
    const request: ModbusRequest = { unit: 7, fc: 4, address: 60_000, count: 1 }
    expect(answerFrom(emptyImage(), definition, request)).toEqual({ kind: 'exception', code: 2 })
  })

  it('reads back each of its outputs', () => {
    for (const [output, target] of Object.entries(definition.outputs)) {
      const image = emptyImage()
      const request: ModbusRequest = { unit: 7, fc: 5, address: target.coil, on: true }
      expect(answerFrom(image, definition, request)).toEqual({ kind: 'written' })
      const said = definition.reads.flatMap((span) => {
        const answer = answerFrom(image, definition, readRequestOf(7, span))
        return answer.kind === 'values' ? decodeSpan(definition, span, answer.values) : []
      })
      const on = said.filter(({ value }) => value === 1).map(({ field }) => field.metric)
      expect(on).toEqual([output === 'siren' ? 'siren.on' : output])
    }
  })
})

const loads = devices.filter((device): device is LoadDefinition => device.kind === 'load')
describe.each(loads)('$model', (definition) => {
  /** A framer that has heard a frame: the first line after opening may be the tail of one. */
  const listening = () => {
    const framer = definition.createFramer()
    framer.push(definition.encode({ grams: 0 }))
    return framer
  }

  it('reads loads over the range of scale.load', () => {
    const framer = listening()
    for (const grams of [0, 1, -1, 2534, -99_999, 999_999]) {
      expect(framer.push(definition.encode({ grams }))).toMatchObject([{ kind: 'frame', frame: { grams } }])
      expect(grams).toBeGreaterThanOrEqual(metrics['scale.load'].min)
      expect(grams).toBeLessThanOrEqual(metrics['scale.load'].max)
    }
  })

  it('shows no weight when it is overloaded, or falls silent', () => {
    const bytes = definition.encode({ grams: undefined })
    expect(listening().push(bytes)).toMatchObject(
      bytes.length === 0 ? [] : [{ kind: 'frame', frame: { grams: undefined } }],
    )
  })

  it('keeps the indicator’s word on whether the load stands still, if it has one', () => {
    const said = [true, false].map((stable) => {
      const [event] = listening().push(definition.encode({ grams: 5, stable }))
      return event?.kind === 'frame' ? event.frame.stable : 'nothing'
    })
    expect([
      [true, false],
      [undefined, undefined],
    ]).toContainEqual(said)
  })
})

const thermals = devices.filter((device): device is ThermalDefinition => device.kind === 'thermal')
it.each(thermals)('$model: pictures of its size', (definition) => {
  const centiC = Int16Array.from(
    { length: definition.width * definition.height },
    (_, pixel) => ((pixel * 5) % 4000) - 500,
  )
  const sample = { ambientCentiC: 2345, centiC }
  const [event, ...more] = definition.createFramer().push(definition.encode(sample))
  if (event?.kind !== 'frame') expect.unreachable()
  expect(more).toEqual([])
  expect(event.frame.centiC).toHaveLength(centiC.length)
  // A tenth of a degree: the converter of a simulated sensor has steps.
  const off = [...event.frame.centiC].map((value, pixel) => Math.abs(value - (centiC[pixel] ?? Number.NaN)))
  expect(Math.max(...off)).toBeLessThanOrEqual(10)
  if (!definition.measuresAmbient) expect(event.frame.ambientCentiC).toBe(NO_AMBIENT)
  else expect(Math.abs(event.frame.ambientCentiC - sample.ambientCentiC)).toBeLessThanOrEqual(10)
})

it('a louver shield reads frost, and by its datasheet’s order', () => {
  const definition = findDevice('louver-shield') as ModbusDefinition
  const image = emptyImage()
  writeImage(image, definition, { humidity: 65.4, temperature: -12.3, co2: 2500, light: 20 })
  expect([...image.holding.entries()]).toEqual([
    [0, 654],
    [1, 0xffff - 122],
    [5, 2500],
    [7, 20],
  ])
  expect(definition.reads).toEqual([{ table: 'holding', address: 0, count: 8 }])
})
