import type { Command } from '#domain/topics.ts'
import type { ModbusDefinition } from '../../devices/definition.ts'
import type { FieldValues, RegisterImage } from '../../devices/register-image.ts'
import { answerFrom, emptyImage, writeImage } from '../../devices/register-image.ts'
import type { ModbusRequest } from '../../framers/modbus-pdu.ts'
import { createRequestFramer, encodeAnswer } from '../../framers/modbus-rtu.ts'
import type { Values } from '../model/house-model.ts'

export type Slave = {
  unit: number
  definition: ModbusDefinition
  /** What it measures now, by metric. */
  read: () => Values
}

/** A bus of Modbus slaves: one request framer for each client, answers after the slave's turn-around. */
export type ModbusSlaves = {
  onClient(reply: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void
  setSilent(unit: number, silent: boolean): void
  silentUnits(): number[]
}

/** Cheap sensors take this long to begin their answer. */
const TURN_AROUND_MS = 12

export function createModbusSlaves(
  slaves: readonly Slave[],
  onOutput: (output: Command['output'], on: boolean) => void,
): ModbusSlaves {
  const images = new Map<number, { slave: Slave; image: RegisterImage }>()
  for (const slave of slaves) images.set(slave.unit, { slave, image: emptyImage() })
  const silent = new Set<number>()

  const answer = (request: ModbusRequest): Uint8Array | undefined => {
    const found = images.get(request.unit)
    if (!found || silent.has(request.unit)) return undefined
    const { definition, read } = found.slave
    writeImage(found.image, definition, fieldValues(definition, read()))
    const answered = answerFrom(found.image, definition, request)
    if (request.fc === 5 && answered.kind === 'written') {
      for (const output of outputsAt(definition, request.address)) onOutput(output, request.on)
    }
    return encodeAnswer(request, answered)
  }

  return {
    onClient(reply) {
      const framer = createRequestFramer()
      return (bytes) => {
        for (const framed of framer.push(bytes)) {
          if (framed.kind !== 'frame') continue
          const said = answer(framed.frame)
          if (said) setTimeout(reply, TURN_AROUND_MS, said)
        }
      }
    },
    setSilent(unit, isSilent) {
      if (isSilent) silent.add(unit)
      else silent.delete(unit)
    },
    silentUnits: () => [...silent],
  }
}

/** Only what was measured: a relay keeps its coils as they were switched. */
function fieldValues(definition: ModbusDefinition, values: Values): FieldValues {
  const measured = definition.fields.filter(({ metric }) => Object.hasOwn(values, metric))
  return Object.fromEntries(measured.map(({ name, metric }) => [name, values[metric]]))
}

function outputsAt({ outputs }: ModbusDefinition, coil: number): Command['output'][] {
  const names = Object.keys(outputs) as Command['output'][]
  return names.filter((name) => outputs[name]?.coil === coil)
}
