import type { FastifyPluginCallback } from 'fastify'
import type { Logins } from '../../broker/logins.ts'
import { revokeAll } from '../../broker/revoke-all.ts'
import { revokeGrant } from '../../broker/revoke-grant.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { grantParams } from '../schemas/grants.ts'
import { revokeAllResponse, revokeResponse } from '../schemas/revocations.ts'
import type { CallerOf } from '../server.ts'

/** `POST /v1/grants/:grant/revoke` and `POST /v1/revoke-all`, admin listener. */
export function revokeRoute(
  rooms: Rooms,
  logins: Logins,
  callerOf: CallerOf,
): FastifyPluginCallback {
  return (app, _options, done) => {
    app.post<{ Params: { grant: string } }>(
      '/v1/grants/:grant/revoke',
      { schema: { params: grantParams, querystring: noQuery, response: answers(revokeResponse) } },
      async (request) => await revokeGrant(rooms, callerOf(request), request.params.grant),
    )
    app.post(
      '/v1/revoke-all',
      { schema: { querystring: noQuery, response: answers(revokeAllResponse) } },
      async (request) => await revokeAll(rooms, callerOf(request), logins),
    )
    done()
  }
}
