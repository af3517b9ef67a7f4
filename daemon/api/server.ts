import { GrantdError, MAX_BODY_BYTES } from '@grantd/client/protocol'
import fastify, {
  type FastifyBodyParser,
  type FastifyInstance,
  type FastifyPluginCallback,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { OVERLOAD_RETRY_SECONDS } from '../base/limits.ts'
import type { HeldCapability } from '../broker/held-capability.ts'
import type { RefusalRecord } from '../broker/record-refusal.ts'
import type { Caller } from '../broker/rooms.ts'
import type { Admission } from '../listener/admit-connection.ts'
import { requireListenerRight } from '../policy/listener-right.ts'
import type { ListenerRole } from '../policy/question.ts'
import { compileLate } from './compile-late.ts'
import type { ExcessCounts } from './excess-counts.ts'
import { LateRequests } from './late-requests.ts'
import type { OpenRequests } from './open-requests.ts'
import { parseJson } from './parse-json.ts'
import { grantdErrorOf, problemOf } from './problem.ts'
import { checkNoBody, checkRequestHead } from './request-rules.ts'

type Server = FastifyInstance['server']
type IncomingMessage = FastifyRequest['raw']
type Socket = IncomingMessage['socket']

/** Finds the process behind a request. */
export type CallerOf = (request: FastifyRequest) => Caller

/** What one listener serves. */
export interface ServerOptions {
  readonly role: ListenerRole
  /** The capability whose socket it is. */
  readonly held?: HeldCapability
  /** Attached to the server before it listens; sees every connection first. */
  readonly admit: (server: Server) => Admission
  /** Shared by all listeners; counts every request before anything else looks at it. */
  readonly requests: OpenRequests
  /** Shared by all listeners; counts what came too late or was too large. */
  readonly excesses: ExcessCounts
  /** The routes of the role; what is not among them does not exist. */
  readonly routes: (callerOf: CallerOf) => readonly FastifyPluginCallback[]
  /** Puts on record who was refused before any route was looked at. */
  readonly refusals: RefusalRecord
  /** Gets mistakes of ours; the caller gets a sentence without detail. */
  readonly onMistake: (error: unknown) => void
  readonly deadlines: Deadlines
}

/** How long a connection may take, in milliseconds; past a deadline it is closed. */
export interface Deadlines {
  readonly headersMs: number
  readonly requestMs: number
  /** Between two requests. */
  readonly idleMs: number
  /** How often the first two are looked at. */
  readonly checkMs: number
}

/** No client of ours needs more; a header is a host, a name, a length and a type. */
const MAX_HEADER_BYTES = 8_192

const PROBLEM_TYPE = 'application/problem+json'

/**
 * One HTTP/1.1 server of one role. Every request passes the same rules before its
 * route is looked at, and every error leaves by the same door.
 */
export function createServer(options: ServerOptions): FastifyInstance {
  const late = new LateRequests<Socket>({
    requests: options.requests,
    graceMs: options.deadlines.requestMs,
    end: (socket) => {
      options.excesses.count('late')
      refuse(socket)
    },
  })
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: options.deadlines.requestMs,
    keepAliveTimeout: options.deadlines.idleMs,
    http: {
      headersTimeout: options.deadlines.headersMs,
      connectionsCheckingInterval: options.deadlines.checkMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false, // our own rule says so in our own words
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
        late.late(socket)
        return
      }
      if (error.code === 'HPE_HEADER_OVERFLOW') options.excesses.count('oversized')
      refuse(socket)
    },
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply as FastifyReply, grantdErrorOf(error)),
  })
  // Node's own answer to an expectation it does not know is none of ours
  app.server.on('checkExpectation', (request) => refuse(request.socket))
  const admission = options.admit(app.server)
  const refused = countRequests(app.server, admission, options.requests, late)
  const callers = new WeakMap<Socket, Caller>()
  const callerOf: CallerOf = ({ raw: { socket } }) => {
    const known = callers.get(socket)
    if (known !== undefined) return known
    const connection = admission.connection(socket)
    if (connection === undefined)
      throw new GrantdError('unauthorized_peer', 'the connection was not admitted')
    const { role: listener, held } = options
    const caller = { ...connection, listener, ...(held && { capability: held.name, held }) }
    callers.set(socket, caller)
    return caller
  }

  compileLate(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser(parseJson))
  app.addHook('onRequest', (request, _reply, done) => {
    if (refused.has(request.raw))
      throw new GrantdError('overloaded', 'too many requests wait for their answers', {
        retryAfterSeconds: OVERLOAD_RETRY_SECONDS,
      })
    const { rawHeaders, headers, httpVersion, url = '' } = request.raw
    checkRequestHead({ rawHeaders, headers, httpVersion, url })
    requireRight(callerOf(request), options.refusals)
    done()
  })
  app.addHook('onRoute', (route) => {
    // after the hooks of all routes; asking each request for its route would cost more
    if (route.schema !== undefined && route.schema.body === undefined)
      route.onRequest = (request, _reply, done) => {
        checkNoBody(request.raw.headers)
        done()
      }
  })
  app.addHook('preValidation', (request, _reply, done) => {
    // a body comes when it likes: its process may be gone by then, or another program
    requireRight(callerOf(request), options.refusals)
    done()
  })
  app.setErrorHandler((error, _request, reply) => {
    if (isTooLarge(error)) options.excesses.count('oversized')
    const answer = grantdErrorOf(error)
    if (answer.code === 'internal_error') options.onMistake(error)
    sendProblem(reply, answer)
  })
  app.setNotFoundHandler((_request, reply) => {
    sendProblem(
      reply,
      new GrantdError('invalid_request', `no such route on the "${options.role}" listener`),
    )
  })
  for (const route of options.routes(callerOf)) void app.register(route)
  return app
}

/** Fastify's form of a function that reads a body. */
export function jsonParser(parse: (body: Buffer) => unknown): FastifyBodyParser<string | Buffer> {
  return (_request, body, done) => {
    try {
      done(null, parse(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  }
}

/** @throws GrantdError what the listener's own rule says; it is on record by then */
function requireRight(caller: Caller, refusals: RefusalRecord): void {
  try {
    requireListenerRight(caller)
  } catch (error) {
    const refusal = grantdErrorOf(error)
    refusals.record(caller.peer, refusal.code)
    throw refusal
  }
}

/**
 * Counts each request before Fastify sees it, those with a broken head or URL too.
 *
 * @returns The requests that must be refused; a connection with too many refusals
 *   that cannot be sent is destroyed.
 */
function countRequests(
  server: Server,
  admission: Admission,
  requests: OpenRequests,
  late: LateRequests<Socket>,
): WeakSet<IncomingMessage> {
  const refused = new WeakSet<IncomingMessage>()
  server.prependListener('request', (request, response) => {
    const { socket } = request
    const connection = admission.connection(socket)
    if (connection === undefined) return // gets nothing, for another reason
    late.entered(socket, request)
    const entrance = requests.enter(socket, connection.peer.pid)
    if (entrance.kind !== 'served') refused.add(request)
    if (entrance.kind === 'cut') socket.destroy()
    else response.once('close', entrance.leave)
  })
  return refused
}

function sendProblem(reply: FastifyReply, error: GrantdError): void {
  void reply.code(error.status).type(PROBLEM_TYPE).send(problemOf(error))
}

/** True for a body beyond {@link MAX_BODY_BYTES}. */
function isTooLarge(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'FST_ERR_CTP_BODY_TOO_LARGE'
}

/** Ends a connection that did not even bring a request. */
function refuse(socket: Socket): void {
  if (socket.writable) socket.write(badRequest())
  socket.destroy()
}

/** The answer to bytes that are not HTTP; written by hand, since there is no request. */
function badRequest(): string {
  const body = JSON.stringify(
    problemOf(
      new GrantdError('invalid_request', 'the request is not HTTP/1.1, too large or too slow'),
    ),
  )
  return [
    'HTTP/1.1 400 Bad Request',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
