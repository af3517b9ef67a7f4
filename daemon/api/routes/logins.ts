import type { LoginRequest } from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import type { Clock } from '../../base/clock.ts'
import type { Logins } from '../../broker/logins.ts'
import { loginView, type PendingLogin } from '../../broker/pending-login.ts'
import type { LongPolls } from '../long-polls.ts'
import { problemOf } from '../problem.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { loginParams, loginQuery, loginRequest, loginView as view } from '../schemas/logins.ts'
import type { CallerOf } from '../server.ts'

/** `POST /v1/logins`, `GET` and `DELETE /v1/logins/:id`, admin listener. */
export function loginsRoute(
  logins: Logins,
  clock: Clock,
  polls: LongPolls,
  callerOf: CallerOf,
): FastifyPluginCallback {
  const show = (login: PendingLogin, joined: boolean) =>
    loginView(login, joined, clock.now(), problemOf)
  return (app, _options, done) => {
    app.post<{ Body: LoginRequest }>(
      '/v1/logins',
      { schema: { body: loginRequest, querystring: noQuery, response: answers(view) } },
      async (request) => {
        const { login, joined } = await logins.start(callerOf(request), request.body)
        return show(login, joined)
      },
    )
    app.get<{ Params: { id: string }; Querystring: { wait?: string } }>(
      '/v1/logins/:id',
      { schema: { params: loginParams, querystring: loginQuery, response: answers(view) } },
      async (request) => {
        const login = logins.find(request.params.id)
        await polls.untilEnd(login, Number(request.query.wait ?? 0), request.raw.socket)
        return show(login, false)
      },
    )
    app.delete<{ Params: { id: string } }>(
      '/v1/logins/:id',
      { schema: { params: loginParams, querystring: noQuery, response: answers(view) } },
      async (request) => show(await logins.cancel(request.params.id), false),
    )
    done()
  }
}
