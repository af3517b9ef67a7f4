import type { CapabilityRequest } from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import type { Capabilities } from '../../broker/capabilities.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import {
  capabilityDetail,
  capabilityList,
  capabilityParams,
  capabilityRequest,
} from '../schemas/capabilities.ts'
import type { CallerOf } from '../server.ts'

/** `GET` and `POST /v1/capabilities`, `DELETE /v1/capabilities/:name`, admin listener. */
export function capabilitiesRoute(
  capabilities: Pick<Capabilities, 'list' | 'add' | 'remove'>,
  callerOf: CallerOf,
): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get(
      '/v1/capabilities',
      { schema: { querystring: noQuery, response: answers(capabilityList) } },
      () => capabilities.list(),
    )
    app.post<{ Body: CapabilityRequest }>(
      '/v1/capabilities',
      {
        schema: {
          body: capabilityRequest,
          querystring: noQuery,
          response: answers(capabilityDetail),
        },
      },
      async (request) => await capabilities.add(callerOf(request), request.body),
    )
    app.delete<{ Params: { name: string } }>(
      '/v1/capabilities/:name',
      {
        schema: {
          params: capabilityParams,
          querystring: noQuery,
          response: answers(capabilityDetail),
        },
      },
      async (request) => await capabilities.remove(callerOf(request), request.params.name),
    )
    done()
  }
}
