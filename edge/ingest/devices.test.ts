import { expect, it } from 'vitest'
import { HOUR, SECOND } from '#domain/time.ts'
import { nodeConfig } from '../test/node-config.ts'
import { createDevices } from './devices.ts'

const T0 = Date.UTC(2026, 5, 1)

it('counts what a bridge says of its devices from when it says it: its clock may be wrong', () => {
  const devices = createDevices(nodeConfig('/'))
  const report = (t: number, lastFrameAt: number) => {
    const body = { t, link: 'open', lastFrameAt, frames: 1, discarded: {}, reopened: 0 }
    devices.report('air-1', Buffer.from(JSON.stringify(body)), T0, () => expect.unreachable())
  }
  report(T0 - 5 * HOUR, T0 - 5 * HOUR - 3 * SECOND)
  expect(devices.all()['air-1']).toMatchObject({ t: T0, lastFrameAt: T0 - 3 * SECOND })
  devices.step({ byMs: HOUR })
  expect(devices.all()['air-1']).toMatchObject({ t: T0 + HOUR, lastFrameAt: T0 + HOUR - 3 * SECOND })
  report(T0 - 5 * HOUR, 0)
  devices.step({ byMs: HOUR })
  expect(devices.all()['air-1']).toMatchObject({ lastFrameAt: 0 })
})
