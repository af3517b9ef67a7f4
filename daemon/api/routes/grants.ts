import type { FastifyPluginCallback } from 'fastify'
import { listGrants, showGrant } from '../../broker/list-grants.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { grantDetail, grantDetailList, grantParams } from '../schemas/grants.ts'

/** `GET /v1/grants` and `GET /v1/grants/:grant` on the admin listener: the inventory. */
export function grantsRoute(rooms: Rooms): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get(
      '/v1/grants',
      { schema: { querystring: noQuery, response: answers(grantDetailList) } },
      () => listGrants(rooms),
    )
    app.get<{ Params: { grant: string } }>(
      '/v1/grants/:grant',
      { schema: { params: grantParams, querystring: noQuery, response: answers(grantDetail) } },
      (request) => showGrant(rooms, request.params.grant),
    )
    done()
  }
}
