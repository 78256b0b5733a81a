import { setTimeout as sleep } from 'node:timers/promises'
import { roundFor } from '#domain/metrics.ts'
import type { Clock } from '#domain/time.ts'
import { readRequestOf } from '../bus/modbus-bus.ts'
import { createModbusMaster, type ModbusMaster } from '../bus/modbus-master.ts'
import type { ModbusWire } from '../bus/modbus-wire.ts'
import type { ModbusDefinition } from '../devices/definition.ts'
import { decodeSpan } from '../devices/register-image.ts'
import type { Connect, Connection } from '../links/link.ts'
import { isUsual } from './plausible.ts'

/** A model that fits what a unit answers. */
export type UnitMatch = {
  model: string
  /** Fields whose values a house can have, less half of those that it cannot. */
  score: number
  values: { name: string; metric: string; value: number | undefined; isUsual: boolean }[]
}
export type Unit = { unit: number; matches: UnitMatch[]; note?: string }
export type Scan = { units: Unit[]; trouble?: string }

/** A device that is there answers well within this. */
const ANSWER_WITHIN_MS = 250
const OPEN_WITHIN_MS = 3000

type ScanOptions = {
  connect: Connect
  wire: ModbusWire
  clock: Clock
  definitions: readonly ModbusDefinition[]
  units: readonly number[]
}

/** Asks each address whether somebody is there, and whoever is, for the registers of every model. */
export async function scanBus({ connect, wire, clock, definitions, units }: ScanOptions): Promise<Scan> {
  let trouble: string | undefined
  let opened = () => {}
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve
  })
  let connection: Connection | undefined
  const master = createModbusMaster({
    write(bytes) {
      connection?.write(bytes)
      return trouble === undefined
    },
    clock,
    wire,
    answerWithinMs: ANSWER_WITHIN_MS,
  })
  connection = connect({
    opened,
    bytes: (bytes) => master.push(bytes),
    closed(reason) {
      trouble = reason
      opened()
    },
  })
  await Promise.race([isOpen, sleep(OPEN_WITHIN_MS)])
  const found: Unit[] = []
  for (const unit of units) {
    if (trouble !== undefined) break
    if (!(await isThere(master, unit))) continue
    const matches: UnitMatch[] = []
    for (const definition of definitions) {
      const match = await tryModel(master, unit, definition)
      if (match) matches.push(match)
    }
    matches.sort((a, b) => b.score - a.score)
    const note = noteOn(matches)
    found.push({ unit, matches, ...(note !== undefined && { note }) })
  }
  connection.close()
  return { units: found, ...(trouble !== undefined && { trouble }) }
}

/** A refusal is an answer too. */
async function isThere(master: ModbusMaster, unit: number): Promise<boolean> {
  for (const table of ['holding', 'input', 'coil'] as const) {
    const { answer } = await master.ask(readRequestOf(unit, { table, address: 0, count: 1 }))
    if (answer) return true
  }
  return false
}

/** Undefined when the unit refuses one of the model's reads, or nothing it says can be. */
async function tryModel(
  master: ModbusMaster,
  unit: number,
  definition: ModbusDefinition,
): Promise<UnitMatch | undefined> {
  const values: UnitMatch['values'] = []
  for (const span of definition.reads) {
    const { answer } = await master.ask(readRequestOf(unit, span))
    if (answer?.kind !== 'values') return undefined
    for (const { field, value } of decodeSpan(definition, span, answer.values)) {
      values.push({
        name: field.name,
        metric: field.metric,
        value: value === undefined ? undefined : roundFor(field.metric, value),
        isUsual: value !== undefined && isUsual(field.metric, value),
      })
    }
  }
  const right = values.filter((value) => value.isUsual).length
  const score = right - (values.length - right) / 2
  return score > 0 ? { model: definition.model, score, values } : undefined
}

const valueIn = (match: UnitMatch, metric: string) => match.values.find((value) => value.metric === metric)

/** Which models cannot be told apart from here, and what the installer can do about it. */
function noteOn([best, ...others]: readonly UnitMatch[]): string | undefined {
  if (!best) return undefined
  const [temperature, humidity] = ['air.temperature', 'air.humidity'].map((metric) => valueIn(best, metric))
  const swapped = others.find(
    (other) =>
      temperature?.value !== undefined &&
      humidity?.value !== undefined &&
      valueIn(other, 'air.temperature')?.value === humidity.value &&
      valueIn(other, 'air.humidity')?.value === temperature.value,
  )
  if (swapped && swapped.score >= best.score)
    return `temperature and humidity may be swapped: breathe on the sensor; if ${best.model} shows the temperature jump, it is ${swapped.model}`
  if (swapped)
    return `${swapped.model} would have temperature and humidity swapped: ${humidity?.value} °C, ${temperature?.value} %`
  const equal = others.filter(({ score }) => score === best.score).map(({ model }) => model)
  return equal.length > 0 ? `also fits ${equal.join(', ')}: compare with the display` : undefined
}
