import type { TokenRequest } from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import { issueAccessToken } from '../../broker/issue-access-token.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { prefersPlainText } from '../accept.ts'
import { RecentBodies } from '../recent-bodies.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { type heldTokenRequest, tokenRequest, tokenResponse } from '../schemas/token.ts'
import { type CallerOf, jsonParser } from '../server.ts'
import { formatTokenAnswer } from '../token-answer.ts'

/**
 * `POST /v1/token`. With `Accept: text/plain` the answer is the token and a newline,
 * so that `curl --unix-socket` is a complete client.
 *
 * @param body On the socket of a capability nothing has to be named.
 */
export function tokenRoute(
  rooms: Rooms,
  callerOf: CallerOf,
  body: typeof tokenRequest | typeof heldTokenRequest = tokenRequest,
): FastifyPluginCallback {
  return (app, _options, done) => {
    const bodies = new RecentBodies()
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      jsonParser((bytes) => bodies.parse(bytes)),
    )
    const schema = { body, querystring: noQuery, response: answers(tokenResponse) }
    app.post<{ Body: TokenRequest }>('/v1/token', { schema }, async (request, reply) => {
      const answer = await issueAccessToken(rooms, callerOf(request), request.body)
      void reply.header('cache-control', 'no-store')
      const isPlain = prefersPlainText(request.headers.accept)
      // a string that is built here bypasses the response schema
      return reply
        .type(isPlain ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8')
        .serializer(String)
        .send(isPlain ? `${answer.access_token}\n` : formatTokenAnswer(answer))
    })
    done()
  }
}
