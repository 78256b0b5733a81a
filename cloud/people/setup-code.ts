import { timingSafeEqual } from 'node:crypto'
import type { People } from '../registry/port.ts'
import { hashCode, makeCode } from './secret-code.ts'

/** First run: while there is nobody, whoever can read the service's console may make the first account. */
export type SetupGate = {
  isNeeded(): Promise<boolean>
  isCode(code: string): boolean
}

/** Makes a code for this run and announces it, unless there is somebody already. */
export async function openSetupGate(people: People, announce: (code: string) => void): Promise<SetupGate> {
  const isNeeded = async () => (await people.count()) === 0
  const code = makeCode(3)
  const expected = Buffer.from(hashCode(code))
  if (await isNeeded()) announce(code)
  return { isNeeded, isCode: (said) => timingSafeEqual(Buffer.from(hashCode(said)), expected) }
}
