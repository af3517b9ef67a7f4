import type { PolicyCheckRequest, PolicyExplainRequest } from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import { explainPolicy, type PolicyRooms } from '../../broker/explain-policy.ts'
import { checkPolicy, reportPolicy } from '../../broker/report-policy.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import {
  policyCheckRequest,
  policyCheckResponse,
  policyExplainRequest,
  policyExplanation,
  policyStatus,
} from '../schemas/policy.ts'
import type { CallerOf } from '../server.ts'

/** `GET /v1/policy`, `POST /v1/policy/check` and `POST /v1/policy/explain`, admin listener. */
export function policyRoute(rooms: PolicyRooms, callerOf: CallerOf): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get(
      '/v1/policy',
      { schema: { querystring: noQuery, response: answers(policyStatus) } },
      () => reportPolicy(rooms.files),
    )
    app.post<{ Body: PolicyCheckRequest }>(
      '/v1/policy/check',
      {
        schema: {
          body: policyCheckRequest,
          querystring: noQuery,
          response: answers(policyCheckResponse),
        },
      },
      (request) => checkPolicy(request.body),
    )
    app.post<{ Body: PolicyExplainRequest }>(
      '/v1/policy/explain',
      {
        schema: {
          body: policyExplainRequest,
          querystring: noQuery,
          response: answers(policyExplanation),
        },
      },
      async (request) => await explainPolicy(rooms, callerOf(request), request.body),
    )
    done()
  }
}
