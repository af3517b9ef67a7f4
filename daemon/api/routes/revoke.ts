import type { FastifyPluginCallback } from 'fastify'
import { revokeGrant } from '../../broker/revoke-grant.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { answers, grantParams, noQuery, revokeResponse } from '../schemas.ts'
import type { CallerOf } from '../server.ts'

/** `POST /v1/grants/:grant/revoke`, admin listener. */
export function revokeRoute(rooms: Rooms, callerOf: CallerOf): FastifyPluginCallback {
  return (app, _options, done) => {
    app.post<{ Params: { grant: string } }>(
      '/v1/grants/:grant/revoke',
      { schema: { params: grantParams, querystring: noQuery, response: answers(revokeResponse) } },
      async (request) => await revokeGrant(rooms, callerOf(request), request.params.grant),
    )
    done()
  }
}
