import { Type } from 'typebox'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { decodeThermalFrame } from '#domain/frame.ts'
import { isId } from '#domain/reading.ts'
import {
  Batch,
  BatchAnswer,
  Live,
  MAX_BATCH_BYTES,
  MAX_WANTS_WAIT_MS,
  Wants,
  WantsQuery,
} from '#domain/sync.ts'
import { type Clock, MAX_AHEAD_MS } from '#domain/time.ts'
import { MAX_MESSAGE_BYTES } from '#domain/topics.ts'
import type { Intake } from '../batches/take-batch.ts'
import { unpackBody } from '../batches/unpack-body.ts'
import type { App } from '../http/app.ts'
import { edgeAt } from '../http/doors.ts'
import { NoBody, problems } from '../http/problems.ts'
import type { Hub } from '../live/hub.ts'
import type { LiveValues } from '../live/live-values.ts'
import type { ThermalFrames } from '../live/thermal-frames.ts'
import type { Registry } from '../registry/port.ts'
import type { Presence } from './presence.ts'
import type { WantsBoard } from './wants.ts'

type Deps = {
  registry: Registry
  intake: Intake
  presence: Presence
  hub: Hub
  liveValues: LiveValues
  frames: ThermalFrames
  wants: WantsBoard
  clock: Clock
}

const tags = ['edge']
const edgeDoor = { door: 'edge' } as const

/** Bodies reach the signature check as the bytes that were signed; only then are they unpacked and judged. */
export function edgeRoutes(app: App, deps: Deps): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('preHandler', async (request) => deps.presence.saw(edgeAt(request)))

  app.register(async (scope: App) => {
    scope.addHook('preValidation', async (request) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
      const maxBytes = request.routeOptions.bodyLimit ?? MAX_BATCH_BYTES
      request.body = await unpackBody(body, request.headers['content-encoding'], maxBytes)
    })
    jsonRoutes(scope, deps)
  })
  otherRoutes(app, deps)
}

function jsonRoutes(app: App, { intake, presence, hub, liveValues }: Deps): void {
  app.post(
    routes.edgeBatches,
    {
      config: edgeDoor,
      bodyLimit: MAX_BATCH_BYTES,
      schema: { tags, body: Batch, response: { 200: BatchAnswer, ...problems } },
    },
    async (request) => intake.takeBatch(edgeAt(request), request.body),
  )

  app.post(
    routes.edgeLive,
    {
      config: edgeDoor,
      bodyLimit: MAX_MESSAGE_BYTES,
      schema: { tags, body: Live, response: { 204: NoBody, ...problems } },
    },
    async (request, reply) => {
      const edge = edgeAt(request)
      // What it says of itself counts, whatever becomes of its readings.
      const view = presence.said(edge, request.body)
      const readings = await intake.readLive(edge, request.body)
      liveValues.keep(edge.farm, edge.id, readings)
      liveValues.show(edge.farm, readings)
      hub.publish(edge.farm, { kind: 'edge', edge: view })
      return reply.code(204).send(null)
    },
  )
}

function otherRoutes(app: App, { registry, hub, frames, wants, clock }: Deps): void {
  app.post(
    routes.edgeFrames,
    {
      config: edgeDoor,
      bodyLimit: MAX_MESSAGE_BYTES,
      schema: {
        tags,
        consumes: ['application/octet-stream'],
        description: 'The body is a ThermalFrame, binary.',
        params: Type.Object({ house: Type.String(), device: Type.String() }),
        response: { 204: NoBody, ...problems },
      },
    },
    async (request, reply) => {
      const { farm } = edgeAt(request)
      const { house, device } = request.params
      if (!(await registry.farms.house(farm, house))) {
        throw new Problem('not-found', `there is no house "${house}" on this farm`)
      }
      if (!isId(device)) throw new Problem('not-valid', `"${device}" is no id of a device`)
      const frame = request.body instanceof Uint8Array ? decodeThermalFrame(request.body) : undefined
      if (!frame) throw new Problem('not-valid', 'body is not one whole thermal frame')
      const aheadMs = frame.t - clock.now()
      if (aheadMs > MAX_AHEAD_MS) {
        throw new Problem(
          'from-the-future',
          `the picture is ${Math.round(aheadMs / 1000)} s ahead of the cloud: the edge's clock is wrong`,
        )
      }
      const view = frames.put(farm, house, device, frame)
      if (view) hub.publish(farm, { kind: 'thermal', house, frame: view })
      return reply.code(204).send(null)
    },
  )

  app.get(
    routes.edgeWants,
    { config: edgeDoor, schema: { tags, querystring: WantsQuery, response: { 200: Wants, ...problems } } },
    async (request) => {
      const { version = 0, waitMs = MAX_WANTS_WAIT_MS } = request.query
      const gone = new AbortController()
      request.raw.once('close', () => gone.abort())
      return wants.wait(edgeAt(request).farm, version, waitMs, gone.signal)
    },
  )
}
