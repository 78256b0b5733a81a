import { routes } from '#domain/api/routes.ts'
import type { AlarmsBatch } from '#domain/sync.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import type { CloudClient } from './cloud-client.ts'
import type { Outbox } from './lane.ts'

const EVENTS = 500

/**
 * Alarms on their way out, in batches. A number that is missing is filled with its neighbour, which changes nothing
 * in the cloud. Alarms are never set aside: a cloud that cannot read them is asked again until it can.
 */
export function createAlarmsOutbox(store: EdgeStore, client: CloudClient): Outbox {
  return {
    async next(watermark) {
      const found = store.eventsAfter(watermark, EVENTS)
      const [first] = found
      if (!first) return undefined
      const from = watermark + 1
      const events: AlarmsBatch['events'] = []
      for (const { number, event } of found) {
        while (events.length <= number - from && events.length < EVENTS) events.push(event)
      }
      const to = watermark + events.length
      const batch: AlarmsBatch = { lane: 'alarms', epoch: store.epoch('alarms'), from, to, events }
      return {
        from,
        to,
        send: () => client.send({ method: 'POST', path: routes.edgeBatches, json: JSON.stringify(batch) }),
        refused: () => 'wait',
      }
    },
    taken() {},
  }
}
