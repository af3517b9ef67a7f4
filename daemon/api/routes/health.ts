import type { FastifyPluginCallback } from 'fastify'
import { type DaemonFacts, reportHealth } from '../../broker/report-status.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { health } from '../schemas/status.ts'

/** `GET /v1/health`, on every listener. */
export function healthRoute(facts: DaemonFacts): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get('/v1/health', { schema: { querystring: noQuery, response: answers(health) } }, () =>
      reportHealth(facts),
    )
    done()
  }
}
