import type { FastifyInstance } from 'fastify'
import { ExcessCounts } from '../api/excess-counts.ts'
import { LongPolls } from '../api/long-polls.ts'
import { OpenRequests } from '../api/open-requests.ts'
import { auditRoute } from '../api/routes/audit.ts'
import { breakGlassRoute } from '../api/routes/break-glass.ts'
import { capabilitiesRoute } from '../api/routes/capabilities.ts'
import { grantNamesRoute } from '../api/routes/grant-names.ts'
import { grantsRoute } from '../api/routes/grants.ts'
import { healthRoute } from '../api/routes/health.ts'
import { loginsRoute } from '../api/routes/logins.ts'
import { policyRoute } from '../api/routes/policy.ts'
import { presetsRoute } from '../api/routes/presets.ts'
import { revokeRoute } from '../api/routes/revoke.ts'
import { statusRoute } from '../api/routes/status.ts'
import { tokenRoute } from '../api/routes/token.ts'
import { vaultRoute } from '../api/routes/vault.ts'
import { heldTokenRequest } from '../api/schemas/token.ts'
import { createServer, type Deadlines, type ServerOptions } from '../api/server.ts'
import type { AuditReader } from '../audit/audit-reader.ts'
import {
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_LONG_POLLS,
  MAX_LONG_POLLS_PER_LOGIN,
  MAX_REQUESTS,
  MAX_REQUESTS_PER_CONNECTION,
  MAX_REQUESTS_PER_PID,
  REQUEST_TIMEOUT_MS,
} from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Capabilities } from '../broker/capabilities.ts'
import type { PolicyRooms } from '../broker/explain-policy.ts'
import type { HeldCapability } from '../broker/held-capability.ts'
import type { Logins } from '../broker/logins.ts'
import type { RefusalRecord } from '../broker/record-refusal.ts'
import type { DaemonFacts } from '../broker/report-status.ts'
import type { Rooms } from '../broker/rooms.ts'
import type { VaultRooms } from '../broker/vault-rooms.ts'
import type { Gate } from './gate.ts'

/** How often Node looks for connections past their deadline. */
const DEADLINE_CHECK_MS = 1_000

const DEADLINES: Deadlines = {
  headersMs: HEADERS_TIMEOUT_MS,
  requestMs: REQUEST_TIMEOUT_MS,
  idleMs: IDLE_TIMEOUT_MS,
  checkMs: DEADLINE_CHECK_MS,
}

/** What all listeners share. */
export interface Lobby {
  readonly requests: OpenRequests
  readonly polls: LongPolls
  readonly excesses: ExcessCounts
}

/** Counts what is unanswered, on all listeners together. */
export function createLobby(): Lobby {
  return {
    requests: new OpenRequests({
      perConnection: MAX_REQUESTS_PER_CONNECTION,
      perPid: MAX_REQUESTS_PER_PID,
      inAll: MAX_REQUESTS,
    }),
    polls: new LongPolls({ perLogin: MAX_LONG_POLLS_PER_LOGIN, inAll: MAX_LONG_POLLS }),
    excesses: new ExcessCounts(),
  }
}

/** Everything a server needs besides its role and its routes. */
export interface ServerParts {
  readonly gate: Pick<Gate, 'admit'>
  readonly lobby: Lobby
  readonly refusals: RefusalRecord
  readonly log: Log
}

/** The rooms behind the routes. */
export interface Served {
  readonly rooms: Rooms & VaultRooms
  readonly policyRooms: PolicyRooms
  readonly logins: Logins
  readonly reader: AuditReader
  readonly capabilities: Pick<Capabilities, 'list' | 'add' | 'remove'>
  readonly facts: DaemonFacts
}

/** One server for each of the two listeners that are always there. */
export function makeServers(
  parts: ServerParts,
  { rooms, policyRooms, logins, reader, capabilities, facts }: Served,
): { readonly broker: FastifyInstance; readonly admin: FastifyInstance } {
  const { polls } = parts.lobby
  return {
    broker: makeServer(parts, 'broker', (callerOf) => [
      tokenRoute(rooms, callerOf),
      grantNamesRoute(rooms, callerOf),
      healthRoute(facts),
    ]),
    admin: makeServer(parts, 'admin', (callerOf) => [
      loginsRoute(logins, rooms.clock, polls, callerOf),
      grantsRoute(rooms),
      revokeRoute(rooms, logins, callerOf),
      breakGlassRoute(rooms, callerOf),
      vaultRoute(rooms, callerOf),
      policyRoute(policyRooms, callerOf),
      presetsRoute(rooms),
      auditRoute(reader),
      capabilitiesRoute(capabilities, callerOf),
      statusRoute(facts),
      healthRoute(facts),
    ]),
  }
}

/** The server of one capability: tokens and health, and nothing else exists on it. */
export function makeCapabilityServer(
  parts: ServerParts,
  { rooms, facts }: Pick<Served, 'facts'> & { readonly rooms: Rooms },
  held: HeldCapability,
): FastifyInstance {
  return makeServer(
    parts,
    'capability',
    (callerOf) => [tokenRoute(rooms, callerOf, heldTokenRequest), healthRoute(facts)],
    held,
  )
}

function makeServer(
  { gate, lobby, refusals, log }: ServerParts,
  role: ServerOptions['role'],
  routes: ServerOptions['routes'],
  held?: HeldCapability,
): FastifyInstance {
  return createServer({
    role,
    ...(held && { held }),
    admit: (server) => gate.admit(server, held?.facts.gid),
    requests: lobby.requests,
    excesses: lobby.excesses,
    refusals,
    onMistake: (error) => log.error('a request failed by our own mistake', error),
    deadlines: DEADLINES,
    routes,
  })
}
