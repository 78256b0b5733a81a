import type { FastifyReply, FastifyRequest } from 'fastify'
import { Me, NewSession, Setup, SetupState } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { type Clock, MINUTE } from '#domain/time.ts'
import type { App } from '../http/app.ts'
import { personAt } from '../http/doors.ts'
import { NoBody, problems } from '../http/problems.ts'
import type { Person, Registry } from '../registry/port.ts'
import { createAttemptLimit } from './attempt-limit.ts'
import { hashPassword, isPassword } from './password.ts'
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'
import type { SetupGate } from './setup-code.ts'

type Deps = {
  registry: Registry
  sessions: Sessions
  setup: SetupGate
  clock: Clock
  /** A log-in that was ended: whatever it has open must end too. */
  onEnded(session: string): void
}

const tags = ['people']

export function peopleRoutes(app: App, { registry, sessions, setup, clock, onEnded }: Deps): void {
  const byAccount = createAttemptLimit(clock, { most: 10, withinMs: 15 * MINUTE })
  const byAddress = createAttemptLimit(clock, { most: 50, withinMs: 15 * MINUTE })
  const limit = (waits: number[]) => {
    const waitMs = Math.max(...waits)
    if (waitMs === 0) return
    const retryAfterS = Math.ceil(waitMs / 1000)
    throw new Problem('too-many', `too many tries; the next one in ${retryAfterS} s`, { retryAfterS })
  }
  const me = async ({ id, login, name }: Person): Promise<Me> => ({
    login,
    name,
    farms: await registry.farms.of(id),
  })
  const letIn = async (person: Person, request: FastifyRequest, reply: FastifyReply) => {
    setSessionCookie(request, reply, await sessions.start(person.id))
    return me(person)
  }

  app.get(
    routes.setup,
    { config: { door: 'anyone' }, schema: { tags, response: { 200: SetupState, ...problems } } },
    async () => ({ needed: await setup.isNeeded() }),
  )

  app.post(
    routes.setup,
    { config: { door: 'anyone' }, schema: { tags, body: Setup, response: { 201: Me, ...problems } } },
    async (request, reply) => {
      const { code, login, name, password } = request.body
      limit([byAddress.tryAgainIn(request.ip)])
      const done = new Problem('setup-done', 'there is an account already: log in')
      if (!(await setup.isNeeded())) throw done
      if (!setup.isCode(code)) {
        throw new Problem('setup-code-wrong', "this is not the code on the service's console")
      }
      const passwordHash = await hashPassword(password)
      const person = await registry.people.add(
        { login, name, passwordHash },
        { first: true, now: clock.now() },
      )
      if (!person) throw done
      reply.code(201)
      return letIn(person, request, reply)
    },
  )

  app.get(
    routes.session,
    { config: { door: 'person' }, schema: { tags, response: { 200: Me, ...problems } } },
    async (request) => me(personAt(request).person),
  )

  app.post(
    routes.session,
    { config: { door: 'anyone' }, schema: { tags, body: NewSession, response: { 200: Me, ...problems } } },
    async (request, reply) => {
      const { login, password } = request.body
      const account = login.toLowerCase()
      limit([byAddress.tryAgainIn(request.ip), byAccount.tryAgainIn(account)])
      const person = await registry.people.byLogin(login)
      if (!(await isPassword(password, person?.passwordHash)) || !person) {
        throw new Problem('login-failed', 'login or password is wrong')
      }
      byAccount.forgive(account)
      return letIn(person, request, reply)
    },
  )

  app.delete(
    routes.session,
    { config: { door: 'person' }, schema: { tags, response: { 204: NoBody, ...problems } } },
    async (request, reply) => {
      const { session } = personAt(request)
      await sessions.end(session)
      onEnded(session)
      clearSessionCookie(request, reply)
      return reply.code(204).send(null)
    },
  )
}
