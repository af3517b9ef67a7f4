import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { grantNamesRoute } from './api/routes/grant-names.ts'
import { grantsRoute } from './api/routes/grants.ts'
import { healthRoute } from './api/routes/health.ts'
import { loginsRoute } from './api/routes/logins.ts'
import { revokeRoute } from './api/routes/revoke.ts'
import { statusRoute } from './api/routes/status.ts'
import { tokenRoute } from './api/routes/token.ts'
import { createServer, type ServerOptions } from './api/server.ts'
import { openAuditLog } from './audit/audit-log.ts'
import type { Clock } from './base/clock.ts'
import {
  ISSUER_TIMEOUT_SECONDS,
  KEYCHAIN_DEADLINE_MS,
  MAX_CACHED_TOKENS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_PID,
  MAX_WAITING_EXCHANGES,
} from './base/limits.ts'
import type { Log } from './base/log.ts'
import { requirePrivateDirectory } from './base/private-directory.ts'
import { Logins } from './broker/logins.ts'
import { RejectedFloor } from './broker/rejected-floor.ts'
import type { DaemonFacts } from './broker/report-status.ts'
import { retryRevocations } from './broker/retry-revocations.ts'
import type { Rooms } from './broker/rooms.ts'
import type { ConfigFile } from './config/config-file.ts'
import type { Paths } from './config/paths.ts'
import { noPrompt } from './consent/consent.ts'
import { createIssuers } from './issuer/openid-issuers.ts'
import { type Admission, admitConnections } from './listener/admit-connection.ts'
import { bindSocket } from './listener/bind-socket.ts'
import { kernelConnection } from './listener/kernel-connection.ts'
import { takeLock } from './listener/own-lock.ts'
import { RefusalCounter } from './listener/refusal-counter.ts'
import { createPeerIdentifier } from './peer/identify-peer.ts'
import { procTable } from './peer/process-table.ts'
import { isolatedKeychain } from './platform/keychain.ts'
import { decide } from './policy/decide.ts'
import { Flights } from './refresh/flights.ts'
import { settleOpenIntents } from './refresh/settle-failure.ts'
import { TokenCache } from './token/token-cache.ts'
import { machineIdentity } from './vault/machine-identity.ts'
import { openVault } from './vault/open-vault.ts'
import { VaultDoor } from './vault/vault-door.ts'

/** Everything the wiring is told. */
export interface DaemonOptions {
  readonly paths: Paths
  readonly config: ConfigFile
  readonly clock: Clock
  readonly log: Log
  /** Our own effective uid. */
  readonly uid: number
  /** Where the keychain's bus and desktop are found; all but a few names stay here. */
  readonly environment: NodeJS.ProcessEnv
  readonly version: string
  /** Lets issuers on 127.0.0.1 and [::1] speak http; a switch of the command line only. */
  readonly allowLoopbackHttpIssuer: boolean
}

/** A daemon that answers. */
export interface RunningDaemon {
  readonly sockets: { readonly broker: string; readonly admin: string }
  /** Stops listening, ends what is under way, closes the vault. */
  close(): Promise<void>
}

/** How often revocations that did not get through are tried again. */
const REVOCATION_RETRY_MS = 60_000

/**
 * Builds the rooms and opens the sockets.
 *
 * @throws StartupError when a directory, a lock or a socket is not ours to have
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const { paths, clock, log, uid, config } = options
  requirePrivateDirectory(paths.runtimeDirectory, uid)
  requirePrivateDirectory(paths.stateDirectory, uid)
  const locks = [
    takeLock(join(paths.runtimeDirectory, 'grantd.lock')),
    takeLock(join(paths.stateDirectory, 'grantd.lock')),
  ]
  const audit = openAuditLog({ path: join(paths.stateDirectory, 'audit.log'), clock })
  const sockets = {
    broker: join(paths.runtimeDirectory, 'broker.sock'),
    admin: join(paths.runtimeDirectory, 'admin.sock'),
  }
  const door = new VaultDoor({ open: opener(options), onOpen: settleOpenIntents, clock })
  const rooms: Rooms = {
    clock,
    requireConfig: () => void config.current(),
    vault: () => door.current(),
    decide,
    consent: noPrompt,
    tokens: new TokenCache({ clock, maxTokens: MAX_CACHED_TOKENS }),
    flights: new Flights({ maxWaiting: MAX_WAITING_EXCHANGES }),
    rejectedFloor: new RejectedFloor(),
    uses: new Map(),
    issuers: createIssuers({
      clock,
      allowLoopbackHttp: options.allowLoopbackHttpIssuer,
      timeoutSeconds: ISSUER_TIMEOUT_SECONDS,
    }),
    audit,
  }
  const logins = new Logins({ rooms, noticeOf: () => door.notice() })
  const refusals = new RefusalCounter({ clock, log })
  const identifier = createPeerIdentifier({ uid, processes: procTable })
  const admissions: Admission[] = []
  const admit: ServerOptions['admit'] = (server) => {
    const admission = admitConnections(server, {
      uid,
      maxConnections: MAX_CONNECTIONS,
      maxConnectionsPerPid: MAX_CONNECTIONS_PER_PID,
      connectionOf: (socket) => kernelConnection(socket, identifier),
      onRefused: (refusal, peer) => refusals.count(refusal, peer),
    })
    admissions.push(admission)
    return admission
  }
  const facts: DaemonFacts = {
    version: options.version,
    pid: process.pid,
    startedAt: clock.now(),
    configPath: config.path,
    sockets,
    configProblem: () => config.problem(),
    vaultState: () => door.state(),
    grants: () => (door.state().kind === 'locked' ? 0 : door.current().list().length),
    pendingLogins: () => logins.pending,
    openConnections: () => admissions.reduce((sum, one) => sum + one.open, 0),
    refusedPeers: () => refusals.total,
    counters: () => ({ cached_tokens: rooms.tokens.size, exchanges_under_way: rooms.flights.size }),
  }
  const onMistake = (error: unknown): void =>
    log.error('a request failed by our own mistake', error)
  const broker = createServer({
    role: 'broker',
    admit,
    onMistake,
    routes: (callerOf) => [
      tokenRoute(rooms, callerOf),
      grantNamesRoute(rooms, callerOf),
      healthRoute(facts),
    ],
  })
  const admin = createServer({
    role: 'admin',
    admit,
    onMistake,
    routes: (callerOf) => [
      loginsRoute(logins, clock, callerOf),
      grantsRoute(rooms),
      revokeRoute(rooms, callerOf),
      statusRoute(facts),
      healthRoute(facts),
    ],
  })
  await door.attempt()
  await audit.appendDurably({ event: 'daemon.started' })
  await listen(broker, sockets.broker, uid)
  await listen(admin, sockets.admin, uid)
  const retry = async (): Promise<void> => {
    if (door.state().kind === 'locked') return void (await door.attempt())
    await retryRevocations(rooms)
  }
  const report = (error: unknown): void => log.error('revocations could not be retried', error)
  void retry().catch(report)
  const timer = setInterval(() => void retry().catch(report), REVOCATION_RETRY_MS)
  log.info('listening', {
    broker: sockets.broker,
    admin: sockets.admin,
    vault: door.state().detail,
  })
  return {
    sockets,
    async close() {
      clearInterval(timer)
      await logins.close()
      await Promise.all([broker.close(), admin.close()])
      await door.close()
      audit.close()
      for (const lock of locks) lock.release()
    },
  }
}

async function listen(app: FastifyInstance, path: string, uid: number): Promise<void> {
  await app.ready()
  await bindSocket(app.server, path, uid)
}

/** A broken configuration opens nothing: it may have said where the key is. */
function opener(options: DaemonOptions): ConstructorParameters<typeof VaultDoor>[0]['open'] {
  const { config, paths } = options
  return async () => {
    const problem = config.problem()
    if (problem !== undefined)
      return { kind: 'locked', reason: problem, hint: 'mend the file; no restart is needed' }
    return await openVault({
      stateDirectory: paths.stateDirectory,
      machineIdentity: await machineIdentity(paths.stateDirectory),
      keychain: isolatedKeychain(options.environment),
      choice: config.current().vault.sealingKey,
      deadlineMs: KEYCHAIN_DEADLINE_MS,
    })
  }
}
