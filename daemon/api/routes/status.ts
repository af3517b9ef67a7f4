import type { FastifyPluginCallback } from 'fastify'
import { type DaemonFacts, reportStatus } from '../../broker/report-status.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { status } from '../schemas/status.ts'

/** `GET /v1/status`, admin listener. */
export function statusRoute(facts: DaemonFacts): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get('/v1/status', { schema: { querystring: noQuery, response: answers(status) } }, () =>
      reportStatus(facts),
    )
    done()
  }
}
