import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { decodeThermalFrame } from '#domain/frame.ts'
import { isId } from '#domain/reading.ts'
import {
  AlarmsBatch,
  BatchAnswer,
  Live,
  MAX_BATCH_BYTES,
  MAX_DICTIONARY_BYTES,
  MAX_UNPACKED_BYTES,
  MAX_WANTS_WAIT_MS,
  Wants,
  WantsQuery,
  WatermarkParams,
} from '#domain/sync.ts'
import { type Clock, MAX_AHEAD_MS } from '#domain/time.ts'
import { MAX_MESSAGE_BYTES } from '#domain/topics.ts'
import type { Dictionaries } from '../batches/dictionaries.ts'
import type { Intake } from '../batches/take-batch.ts'
import { plainBody, unpackBody } from '../batches/unpack-body.ts'
import type { App } from '../http/app.ts'
import { edgeAt } from '../http/doors.ts'
import { NoBody, problems } from '../http/problems.ts'
import { type LedgerTaking, ledgerEdgeRoute } from '../ledger/edge-route.ts'
import type { Hub } from '../live/hub.ts'
import type { LiveValues } from '../live/live-values.ts'
import type { ThermalFrames } from '../live/thermal-frames.ts'
import type { Registry } from '../registry/port.ts'
import type { Presence } from './presence.ts'
import type { WantsBoard } from './wants.ts'

type Deps = {
  registry: Registry
  intake: Intake
  dictionaries: Dictionaries
  presence: Presence
  hub: Hub
  liveValues: LiveValues
  frames: ThermalFrames
  wants: WantsBoard
  clock: Clock
  ledger: LedgerTaking['ledger']
  /** A box has said what lies on its disk. */
  onLedgerSaid(): void
}

const tags = ['edge']
const edgeDoor = { door: 'edge' } as const

/** Bodies reach the signature check as the bytes that were signed; only then are they unpacked and judged. */
export function edgeRoutes(app: App, deps: Deps): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('preHandler', async (request) => deps.presence.saw(edgeAt(request)))
  app.addHook('onSend', async (_request, reply) => keepHeadersFew(reply))

  app.register(async (scope: App) => {
    scope.addHook('preValidation', async (request) => {
      if (isBytes(request)) return
      // A body of a type that its schema does not name would pass unchecked.
      if (mediaType(request) !== JSON_TYPE) throw new Problem('not-valid', `send ${JSON_TYPE} or ${BYTES}`)
      const maxBytes = Math.max(request.routeOptions.bodyLimit ?? 0, MAX_UNPACKED_BYTES)
      request.body = await unpackBody(bodyOf(request), request.headers['content-encoding'], maxBytes)
    })
    jsonRoutes(scope, deps)
    ledgerEdgeRoute(scope, { ledger: deps.ledger, clock: deps.clock, onSaid: deps.onLedgerSaid })
  })
  otherRoutes(app, deps)
}

/** Lines are paid by the byte, and no browser reads these answers. */
const KEPT_HEADERS = new Set(['content-type', 'content-length', 'retry-after', 'connection'])

function keepHeadersFew(reply: FastifyReply): void {
  for (const name of Object.keys(reply.getHeaders())) if (!KEPT_HEADERS.has(name)) reply.removeHeader(name)
  // HTTP/1.1 keeps a connection without being told.
  if (!reply.hasHeader('connection')) reply.raw.removeHeader('connection')
}

const BYTES = 'application/octet-stream'
const JSON_TYPE = 'application/json'
const mediaType = ({ headers }: FastifyRequest) =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
const isBytes = (request: FastifyRequest) => mediaType(request) === BYTES
const bodyOf = ({ body }: FastifyRequest) => (body instanceof Uint8Array ? body : new Uint8Array())

function jsonRoutes(app: App, { intake, presence, hub, liveValues }: Deps): void {
  app.post(
    routes.edgeBatches,
    {
      config: edgeDoor,
      bodyLimit: MAX_BATCH_BYTES,
      schema: {
        tags,
        description: `Readings as ${BYTES} (docs/integrator/columns.md), alarm events as JSON.`,
        body: {
          content: { [JSON_TYPE]: { schema: AlarmsBatch }, [BYTES]: { schema: Type.Unknown() } },
        },
        response: { 200: BatchAnswer, ...problems },
      },
    },
    async (request) => {
      const edge = edgeAt(request)
      if (isBytes(request)) return intake.takeReadings(edge, bodyOf(request))
      return intake.takeAlarms(edge, request.body as AlarmsBatch)
    },
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
      const view = presence.said(edge, request.body)
      const readings = await intake.readLive(edge, request.body)
      liveValues.keep(edge.farm, edge.id, readings)
      liveValues.show(edge.farm, readings)
      hub.publish(edge.farm, { kind: 'edge', edge: view })
      return reply.code(204).send(null)
    },
  )
}

function otherRoutes(app: App, { registry, intake, dictionaries, hub, frames, wants, clock }: Deps): void {
  app.get(
    routes.edgeWatermark,
    {
      config: edgeDoor,
      schema: { tags, params: WatermarkParams, response: { 200: BatchAnswer, ...problems } },
    },
    async (request) => intake.watermark(edgeAt(request), request.params.lane, request.params.epoch),
  )

  app.put(
    routes.edgeDictionary,
    {
      config: edgeDoor,
      bodyLimit: MAX_DICTIONARY_BYTES,
      schema: {
        tags,
        description: 'The body is a Dictionary as JSON; its hash, the first 8 bytes of its SHA-256.',
        params: Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{16}$' }) }),
        response: { 204: NoBody, ...problems },
      },
    },
    async (request, reply) => {
      const encoding = request.headers['content-encoding']
      const json = await plainBody(bodyOf(request), encoding, MAX_DICTIONARY_BYTES)
      await dictionaries.put(edgeAt(request), request.params.hash, json)
      return reply.code(204).send(null)
    },
  )

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
    {
      config: edgeDoor,
      schema: { tags, querystring: WantsQuery, response: { 200: Wants, 204: NoBody, ...problems } },
    },
    async (request, reply) => {
      const { version = 0, waitMs = MAX_WANTS_WAIT_MS } = request.query
      const gone = new AbortController()
      request.raw.once('close', () => gone.abort())
      const news = await wants.wait(edgeAt(request).farm, version, waitMs, gone.signal)
      return news ?? reply.code(204).send(null)
    },
  )
}
