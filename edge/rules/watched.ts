import type { AlarmEvent } from '#domain/alarm.ts'
import type { NodeConfig } from '#domain/config.ts'
import type { Rule } from '#domain/rules/rule.ts'
import { SIREN_RULE } from '../siren/siren.ts'

/** What the node watches as it is configured now. The rest of an earlier life will never speak again. */
export type Watched = {
  device(of: { house: string; device: string }): boolean
  /** The alarm's rule and device are still there: something can clear it. */
  alarm(event: AlarmEvent): boolean
}

export function createWatched({ links, mqttDevices, outputs }: NodeConfig, rules: readonly Rule[]): Watched {
  const devices = new Set(
    [...links.flatMap((link) => link.devices), ...mqttDevices].map(({ house, id }) => `${house}|${id}`),
  )
  const sirens = new Set(
    outputs.filter(({ output }) => output === 'siren').map(({ house, device }) => `${house}|${device}`),
  )
  const ruleIds = new Set(rules.map(({ id }) => id))
  return {
    device: ({ house, device }) => devices.has(`${house}|${device}`),
    alarm: ({ house, device, rule }) =>
      rule === SIREN_RULE
        ? sirens.has(`${house}|${device}`)
        : ruleIds.has(rule) && devices.has(`${house}|${device}`),
  }
}
