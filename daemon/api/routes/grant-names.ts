import type { FastifyPluginCallback } from 'fastify'
import { listGrantNames } from '../../broker/list-grants.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { grantSummaryList } from '../schemas/grants.ts'
import type { CallerOf } from '../server.ts'

/** `GET /v1/grants` on the broker listener: names and states. */
export function grantNamesRoute(rooms: Rooms, callerOf: CallerOf): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get(
      '/v1/grants',
      { schema: { querystring: noQuery, response: answers(grantSummaryList) } },
      async (request) => await listGrantNames(rooms, callerOf(request)),
    )
    done()
  }
}
