import type { Clock } from '#domain/time.ts'
import type { ModbusDefinition, Span } from '../devices/definition.ts'
import { fcOfTable } from '../devices/register-image.ts'
import type { Discarded } from '../framers/framer.ts'
import { exceptionNames, type ModbusRequest, type ReadRequest } from '../framers/modbus-pdu.ts'
import type { ModbusMaster } from './modbus-master.ts'
import { pollAfterMs } from './poll-plan.ts'

/** A command that has not got through after this long would surprise more than it helps. */
const COMMAND_LIVES_MS = 30_000
const COMMAND_AGAIN_MS = 500

export type BusDevice = {
  unit: number
  definition: ModbusDefinition
  answered(span: Span, words: readonly number[]): void
  failed(reason: 'timeout' | 'exception' | 'command-failed', message: string): void
  discarded(events: readonly Discarded[]): void
  /** What last failed now works. */
  recovered(): void
}

/** Asks every device on one line about once a second, one at a time; a command goes before all questions. */
export type ModbusBus = {
  /** The line is open: everything is due at once. */
  opened(): void
  closed(): void
  /** Writes a coil, again and again until the device says it did or 30 s have passed. The newest word counts. */
  command(device: BusDevice, coil: number, on: boolean): void
  close(): void
}

type Read = { device: BusDevice; span: Span; request: ReadRequest; dueAt: number }
type Write = { device: BusDevice; request: ModbusRequest; dueAt: number; untilAt: number }

export const readRequestOf = (unit: number, { table, address, count }: Span): ReadRequest => ({
  unit,
  fc: fcOfTable[table],
  address,
  count,
})

export function createModbusBus(
  devices: readonly BusDevice[],
  master: ModbusMaster,
  clock: Clock,
): ModbusBus {
  const reads: Read[] = devices.flatMap((device) =>
    device.definition.reads.map((span) => ({
      device,
      span,
      request: readRequestOf(device.unit, span),
      dueAt: 0,
    })),
  )
  let writes: Write[] = []
  const silentInARow = new Map<BusDevice, number>()
  const inTrouble = new Map<BusDevice, Read | Write>()
  let open = false
  let done = false
  let wake = () => {}

  async function run(): Promise<void> {
    while (!done) {
      const now = clock.monotonic()
      expireWrites(now)
      const write = writes.find(({ dueAt }) => dueAt <= now)
      const read = reads.reduce((first, next) => (next.dueAt < first.dueAt ? next : first))
      if (open && write) await perform(write)
      else if (open && read.dueAt <= now) await poll(read)
      else
        await idle(open ? Math.min(read.dueAt, ...writes.map(({ dueAt }) => dueAt)) - now : COMMAND_AGAIN_MS)
    }
  }

  async function poll(read: Read): Promise<void> {
    const { device, span, request } = read
    const askedAt = clock.monotonic()
    const { answer, discarded } = await master.ask(request)
    if (done) return
    device.discarded(discarded)
    if (!answer) {
      if (!open) return
      const failures = (silentInARow.get(device) ?? 0) + 1
      silentInARow.set(device, failures)
      fail(read, 'timeout', `unit ${device.unit} does not answer`)
      // Its other registers would only be waited for in vain.
      for (const other of reads) if (other.device === device) other.dueAt = askedAt + pollAfterMs(failures)
      return
    }
    silentInARow.delete(device)
    read.dueAt = askedAt + pollAfterMs(0)
    if (answer.kind === 'exception') {
      fail(
        read,
        'exception',
        `unit ${device.unit} refuses to read ${span.table} ${span.address}: ${nameOf(answer.code)}`,
      )
    } else if (answer.kind === 'values') {
      recover(read)
      device.answered(span, answer.values)
    }
  }

  async function perform(write: Write): Promise<void> {
    const { device, request } = write
    const { answer, discarded } = await master.ask(request)
    if (done) return
    device.discarded(discarded)
    if (answer?.kind === 'written') {
      writes = writes.filter((other) => other !== write)
      recover(write)
      for (const read of reads) if (read.device === device && read.span.table === 'coil') read.dueAt = 0
      return
    }
    write.dueAt = clock.monotonic() + COMMAND_AGAIN_MS
    if (answer?.kind === 'exception') {
      fail(
        write,
        'exception',
        `unit ${device.unit} refuses to write coil ${request.address}: ${nameOf(answer.code)}`,
      )
    } else if (open) {
      fail(write, 'timeout', `unit ${device.unit} does not answer a command`)
    }
  }

  function expireWrites(now: number): void {
    for (const { device, request, untilAt } of writes) {
      if (untilAt <= now)
        device.failed('command-failed', `coil ${request.address} of unit ${device.unit} was not written`)
    }
    writes = writes.filter(({ untilAt }) => untilAt > now)
  }

  function fail(job: Read | Write, reason: 'timeout' | 'exception', message: string): void {
    inTrouble.set(job.device, job)
    job.device.failed(reason, message)
  }

  function recover(job: Read | Write): void {
    if (inTrouble.get(job.device)?.request.fc !== job.request.fc) return
    inTrouble.delete(job.device)
    job.device.recovered()
  }

  const idle = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  void run()

  return {
    opened() {
      open = true
      for (const read of reads) read.dueAt = 0
      wake()
    },
    closed() {
      open = false
    },
    command(device, coil, on) {
      const now = clock.monotonic()
      writes = writes.filter((write) => write.device !== device || write.request.address !== coil)
      const request = { unit: device.unit, fc: 5, address: coil, on } as const
      writes.push({ device, request, dueAt: now, untilAt: now + COMMAND_LIVES_MS })
      wake()
    },
    close() {
      done = true
      wake()
    },
  }
}

const nameOf = (code: number): string => `exception ${code}, ${exceptionNames[code] ?? 'unknown'}`
