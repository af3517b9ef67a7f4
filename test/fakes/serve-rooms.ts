import { connect } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance, FastifyPluginCallback, RouteOptions } from 'fastify'
import type { Test } from 'tap'
import { ExcessCounts } from '../../daemon/api/excess-counts.ts'
import { LongPolls } from '../../daemon/api/long-polls.ts'
import { OpenRequests, type RequestCaps } from '../../daemon/api/open-requests.ts'
import { breakGlassRoute } from '../../daemon/api/routes/break-glass.ts'
import { grantNamesRoute } from '../../daemon/api/routes/grant-names.ts'
import { grantsRoute } from '../../daemon/api/routes/grants.ts'
import { healthRoute } from '../../daemon/api/routes/health.ts'
import { loginsRoute } from '../../daemon/api/routes/logins.ts'
import { policyRoute } from '../../daemon/api/routes/policy.ts'
import { presetsRoute } from '../../daemon/api/routes/presets.ts'
import { revokeRoute } from '../../daemon/api/routes/revoke.ts'
import { statusRoute } from '../../daemon/api/routes/status.ts'
import { tokenRoute } from '../../daemon/api/routes/token.ts'
import { vaultRoute } from '../../daemon/api/routes/vault.ts'
import { type CallerOf, createServer, type Deadlines } from '../../daemon/api/server.ts'
import { Logins } from '../../daemon/broker/logins.ts'
import { RefusalRecord } from '../../daemon/broker/record-refusal.ts'
import type { PolicyFiles } from '../../daemon/broker/report-policy.ts'
import type { DaemonFacts } from '../../daemon/broker/report-status.ts'
import { NO_RULES } from '../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../daemon/config/parse-config.ts'
import { admitConnections } from '../../daemon/listener/admit-connection.ts'
import { bindSocket } from '../../daemon/listener/bind-socket.ts'
import { ConnectionBudget } from '../../daemon/listener/connection-budget.ts'
import type { Peer } from '../../daemon/peer/peer.ts'
import type { ListenerRole } from '../../daemon/policy/question.ts'
import { FakeDoor } from './fake-door.ts'
import type { FakeRooms } from './fake-rooms.ts'
import { sampleInquiry } from './local-peer.ts'
import { samplePeer } from './sample-grant.ts'
import { shortDirectory } from './short-directory.ts'

/** One listener of a daemon, on a real socket. */
export interface ServedRooms {
  readonly app: FastifyInstance
  readonly path: string
  readonly logins: Logins
  readonly door: FakeDoor
  readonly requests: OpenRequests
  readonly polls: LongPolls
  readonly excesses: ExcessCounts
  /** What the error handler called our own mistakes. */
  readonly mistakes: unknown[]
  /** Every route that was registered, fallbacks too. */
  readonly routes: readonly RouteOptions[]
  /** Sends bytes as they are; resolves with all that came back until the connection closed. */
  send(bytes: string | Buffer, options?: { readonly keepOpen?: boolean }): Promise<string>
  /** A well-formed request. */
  ask(method: string, path: string, body?: unknown, headers?: Headers): Promise<Answer>
}

/** Names and values of more headers; a value replaces the usual one. */
export type Headers = Readonly<Record<string, string>>

/** An answer taken apart. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
  /** The body as JSON; `undefined` when it is none. */
  readonly json: unknown
  readonly head: string
}

/** How a test's listener differs. */
export interface ServeOptions {
  readonly peer?: () => Peer
  /** Whether the process that connected still lives; it does unless told otherwise. */
  readonly isAlive?: () => boolean
  readonly deadlines?: Partial<Deadlines>
  readonly facts?: Partial<DaemonFacts>
  readonly requestCaps?: Partial<RequestCaps>
  /** More routes, to be served beside those of the role. */
  readonly more?: (callerOf: CallerOf) => readonly FastifyPluginCallback[]
}

const FACTS: DaemonFacts = {
  version: '1.2.3',
  pid: 1,
  startedAt: 0,
  configPath: '/config.toml',
  sockets: {},
  activation: 'none',
  configProblem: () => undefined,
  vaultState: () => ({ kind: 'memory', detail: 'in memory' }),
  grants: () => 1,
  unsavedGrants: () => 0,
  pendingLogins: () => 0,
  openConnections: () => 1,
  refusedPeers: () => 0,
  counters: () => ({}),
  recentAnomalies: () => [],
  brokenGlass: () => [],
}

/** A user who has no configuration file. */
const NO_FILES: PolicyFiles = {
  problem: () => undefined,
  current: () => ({ ...DEFAULT_CONFIG, ceiling: {}, policy: NO_RULES }),
  system: undefined,
  user: { path: '/config.toml', hash: () => undefined, problem: () => undefined },
}

/** Serves rooms under one role on a real socket until the test ends. */
export async function serveRooms(
  t: Test,
  rooms: FakeRooms,
  role: ListenerRole,
  options: ServeOptions = {},
): Promise<ServedRooms> {
  const facts = { ...FACTS, ...options.facts }
  const logins = new Logins({ rooms, noticeOf: () => undefined })
  const door = new FakeDoor(rooms.steps)
  const requests = new OpenRequests({
    perConnection: 100,
    perPid: 200,
    inAll: 400,
    ...options.requestCaps,
  })
  const polls = new LongPolls({ perLogin: 2, inAll: 3 })
  const excesses = new ExcessCounts()
  const mistakes: unknown[] = []
  const routes: RouteOptions[] = []
  const peer = options.peer ?? samplePeer
  const app = createServer({
    role,
    requests,
    excesses,
    refusals: new RefusalRecord(rooms),
    admit: (server) =>
      admitConnections(server, {
        uid: 1000,
        budget: new ConnectionBudget({ inAll: 1_000, perPid: 100 }),
        connectionOf: () => ({
          peer: peer(),
          inquiry: sampleInquiry(),
          isSameProcess: options.isAlive ?? (() => true),
          release: () => undefined,
        }),
        onRefused: () => undefined,
      }),
    routes: (callerOf) => [
      (app, _options, done) => {
        app.addHook('onRoute', (route) => void routes.push(route))
        done()
      },
      ...(role === 'broker'
        ? [tokenRoute(rooms, callerOf), grantNamesRoute(rooms, callerOf), healthRoute(facts)]
        : [
            loginsRoute(logins, rooms.clock, polls, callerOf),
            grantsRoute(rooms),
            revokeRoute(rooms, logins, callerOf),
            breakGlassRoute(rooms, callerOf),
            vaultRoute({ ...rooms, door, logins }, callerOf),
            policyRoute({ ...rooms, files: NO_FILES, lookUp: () => undefined }, callerOf),
            presetsRoute(rooms),
            statusRoute(facts),
            healthRoute(facts),
          ]),
      ...(options.more?.(callerOf) ?? []),
    ],
    onMistake: (error) => mistakes.push(error),
    deadlines: {
      headersMs: 5_000,
      requestMs: 10_000,
      idleMs: 300_000,
      checkMs: 1_000,
      ...options.deadlines,
    },
  })
  app.addHook('onRoute', (route) => void routes.push(route))
  const path = join(shortDirectory(t), 's')
  await app.ready()
  await bindSocket(app.server, path, process.getuid?.() ?? -1)
  t.teardown(async () => {
    await logins.close()
    app.server.closeAllConnections()
    await app.close()
  })
  const send: ServedRooms['send'] = async (bytes, { keepOpen = false } = {}) =>
    await new Promise((resolve) => {
      const chunks: Buffer[] = []
      const socket = connect(path)
      const end = (): void => resolve(Buffer.concat(chunks).toString('latin1'))
      socket.on('data', (chunk) => chunks.push(chunk))
      socket.on('error', end)
      socket.on('close', end)
      if (keepOpen) socket.write(bytes)
      else socket.end(bytes)
    })
  return {
    app,
    path,
    logins,
    door,
    requests,
    polls,
    excesses,
    mistakes,
    routes,
    send,
    async ask(method, target, body, headers = {}) {
      return parseAnswer(
        await send(formatRequest(method, target, body, headers), { keepOpen: true }),
      )
    },
  }
}

/** The bytes of a request; text is sent as it is, anything else as JSON. */
export function formatRequest(
  method: string,
  target: string,
  body?: unknown,
  headers: Headers = {},
): string {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const all: Record<string, string> = {
    Host: 'grantd',
    'Grantd-Client': 'test/1.0',
    ...(body !== undefined && {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(text)),
    }),
    Connection: 'close',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}

/** Takes the first answer of what came back apart; status 0 when nothing did. */
export function parseAnswer(bytes: string): Answer {
  const [head = '', ...rest] = bytes.split('\r\n\r\n')
  const text = rest.join('\r\n\r\n')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // no JSON: the test looks at the text
  }
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    type: /^content-type: (.*)$/im.exec(head)?.[1] ?? '',
    text,
    json,
    head,
  }
}
