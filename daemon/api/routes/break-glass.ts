import type { BreakGlassRequest } from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import { breakGlass, endBreakGlass } from '../../broker/break-glass.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { breakGlassDetail, breakGlassRequest } from '../schemas/break-glass.ts'
import { grantParams } from '../schemas/grants.ts'
import type { CallerOf } from '../server.ts'

/** `POST /v1/break-glass` and `DELETE /v1/break-glass/:grant`, admin listener. */
export function breakGlassRoute(rooms: Rooms, callerOf: CallerOf): FastifyPluginCallback {
  const schema = { querystring: noQuery, response: answers(breakGlassDetail) }
  return (app, _options, done) => {
    app.post<{ Body: BreakGlassRequest }>(
      '/v1/break-glass',
      { schema: { ...schema, body: breakGlassRequest } },
      async (request) => await breakGlass(rooms, callerOf(request), request.body),
    )
    app.delete<{ Params: { grant: string } }>(
      '/v1/break-glass/:grant',
      { schema: { ...schema, params: grantParams } },
      (request) => endBreakGlass(rooms, callerOf(request), request.params.grant),
    )
    done()
  }
}
