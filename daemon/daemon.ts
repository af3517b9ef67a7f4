import { hostname } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { LongPolls } from './api/long-polls.ts'
import { OpenRequests } from './api/open-requests.ts'
import { grantNamesRoute } from './api/routes/grant-names.ts'
import { grantsRoute } from './api/routes/grants.ts'
import { healthRoute } from './api/routes/health.ts'
import { loginsRoute } from './api/routes/logins.ts'
import { policyRoute } from './api/routes/policy.ts'
import { revokeRoute } from './api/routes/revoke.ts'
import { statusRoute } from './api/routes/status.ts'
import { tokenRoute } from './api/routes/token.ts'
import { vaultRoute } from './api/routes/vault.ts'
import { createServer, type Deadlines, type ServerOptions } from './api/server.ts'
import { type AuditLog, openAuditLog } from './audit/audit-log.ts'
import type { Clock } from './base/clock.ts'
import {
  HASH_DEADLINE_MS,
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  ISSUER_TIMEOUT_SECONDS,
  KEYCHAIN_DEADLINE_MS,
  KEYCHAIN_PROMPT_MS,
  MAX_CACHED_TOKENS,
  MAX_CONSENT_CHOICES,
  MAX_CONSENT_WAITERS,
  MAX_HASHED_BYTES,
  MAX_HASHES_AT_ONCE,
  MAX_KNOWN_HASHES,
  MAX_LONG_POLLS,
  MAX_LONG_POLLS_PER_LOGIN,
  MAX_PENDING_PROMPTS,
  MAX_PROMPTS_PER_PROGRAM,
  MAX_REQUESTS,
  MAX_REQUESTS_PER_CONNECTION,
  MAX_REQUESTS_PER_PID,
  MAX_WAITERS_PER_PROMPT,
  MAX_WAITING_EXCHANGES,
  PROMPT_QUEUE_SECONDS,
  PROMPT_SECONDS,
  PROMPT_START_MS,
  REFUSAL_SECONDS,
  REQUEST_TIMEOUT_MS,
} from './base/limits.ts'
import type { Log } from './base/log.ts'
import { requirePrivateDirectory } from './base/private-directory.ts'
import { SteadyClock } from './base/steady-clock.ts'
import { Tick } from './base/tick.ts'
import { lockWhenIdle } from './broker/auto-lock.ts'
import { consentOnRecord } from './broker/consent-on-record.ts'
import type { PolicyRooms } from './broker/explain-policy.ts'
import { IdleTime } from './broker/idle-time.ts'
import { Logins } from './broker/logins.ts'
import { PolicyWatch } from './broker/policy-watch.ts'
import { RefusalRecord } from './broker/record-refusal.ts'
import { RejectedFloor } from './broker/rejected-floor.ts'
import type { DaemonFacts } from './broker/report-status.ts'
import type { Rooms } from './broker/rooms.ts'
import { saveUses } from './broker/save-uses.ts'
import { currentGrants } from './broker/select-grant.ts'
import type { VaultRooms } from './broker/vault-rooms.ts'
import type { ConfigFile } from './config/config-file.ts'
import { ConfigFiles } from './config/config-files.ts'
import { lifetimeOf } from './config/lifetime.ts'
import { DEFAULT_CONFIG } from './config/parse-config.ts'
import type { Paths } from './config/paths.ts'
import { askpassPrompter } from './consent/askpass.ts'
import { ConsentDesk } from './consent/consent-desk.ts'
import { findPinentry, programProblem } from './consent/find-pinentry.ts'
import { pinentryPrompter } from './consent/pinentry.ts'
import { firstThatShows } from './consent/prompt.ts'
import { createIssuers } from './issuer/openid-issuers.ts'
import { closeServers, Opened, openWhenMended, standingTasks } from './lifecycle.ts'
import { admitConnections } from './listener/admit-connection.ts'
import { bindSocket } from './listener/bind-socket.ts'
import { ConnectionBudget, connectionCaps } from './listener/connection-budget.ts'
import { descriptorLimit } from './listener/descriptor-limit.ts'
import { kernelConnection } from './listener/kernel-connection.ts'
import { takeLock } from './listener/own-lock.ts'
import { RefusalCounter } from './listener/refusal-counter.ts'
import { createExecutableHashes, type HashLimits } from './peer/executable-hash.ts'
import { createPeerIdentifier } from './peer/identify-peer.ts'
import { lookUpPeer } from './peer/look-up-peer.ts'
import { procTable } from './peer/process-table.ts'
import { kernelKeyring } from './platform/kernel-keyring.ts'
import { isolatedKeychain } from './platform/keychain.ts'
import { currentPolicy } from './policy/current-policy.ts'
import { localTime } from './policy/local-time.ts'
import { RateBuckets } from './policy/rate-buckets.ts'
import { BackOff } from './refresh/back-off.ts'
import { Flights } from './refresh/flights.ts'
import type { RefreshOutcome } from './refresh/outcome.ts'
import { settleOpenIntents } from './refresh/settle-failure.ts'
import { Renewals } from './token/renewals.ts'
import { TokenCache } from './token/token-cache.ts'
import { keeperNamed } from './vault/keeper-words.ts'
import { keeperOf } from './vault/keepers.ts'
import { machineIdentity } from './vault/machine-identity.ts'
import type { Vault } from './vault/vault.ts'
import { VaultDoor } from './vault/vault-door.ts'
import { vaultFiles } from './vault/vault-files.ts'
import { type VaultMaker, vaultMaker } from './vault/vault-maker.ts'

/** Everything the wiring is told. */
export interface DaemonOptions {
  readonly paths: Paths
  readonly config: ConfigFile
  /** The system's file, which can only narrow; absent: there is none. */
  readonly systemConfig?: ConfigFile
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

/** What `daemon.stopped` will say; nothing is said of a daemon that never started. */
interface Stopping {
  isStarted: boolean
  reason: string
}

/** A daemon that answers. */
export interface RunningDaemon {
  readonly sockets: { readonly broker: string; readonly admin: string }
  /**
   * Stops listening, ends what is under way, closes the vault.
   *
   * @param reason A word for the record, such as the signal.
   */
  close(reason: string): Promise<void>
}

/** How often Node looks for connections past their deadline. */
const DEADLINE_CHECK_MS = 1_000

const HASH_LIMITS: HashLimits = {
  maxBytes: MAX_HASHED_BYTES,
  deadlineMs: HASH_DEADLINE_MS,
  maxAtOnce: MAX_HASHES_AT_ONCE,
  maxKnown: MAX_KNOWN_HASHES,
}

const DEADLINES: Deadlines = {
  headersMs: HEADERS_TIMEOUT_MS,
  requestMs: REQUEST_TIMEOUT_MS,
  idleMs: IDLE_TIMEOUT_MS,
  checkMs: DEADLINE_CHECK_MS,
}

/**
 * Builds the rooms and opens the sockets. When that fails nothing stays open.
 *
 * @throws StartupError when a directory, a lock or a socket is not ours to have, or too
 *   few files may be open
 * @throws GrantdError `audit_unavailable`
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const opened = new Opened()
  try {
    const { sockets, stopping } = await open(options, opened)
    return {
      sockets,
      close: (reason) => {
        stopping.reason = reason
        return opened.closeAll()
      },
    }
  } catch (error) {
    await opened.closeAll().catch(() => undefined) // the first error counts
    throw error
  }
}

async function open(
  options: DaemonOptions,
  opened: Opened,
): Promise<{ readonly sockets: RunningDaemon['sockets']; readonly stopping: Stopping }> {
  const { paths, clock, log, uid } = options
  const config = new ConfigFiles({ user: options.config, system: options.systemConfig })
  const budget = new ConnectionBudget(connectionCaps(descriptorLimit()))
  for (const directory of [paths.runtimeDirectory, paths.stateDirectory]) {
    requirePrivateDirectory(directory, uid)
    const lock = takeLock(join(directory, 'grantd.lock'))
    opened.push(() => lock.release())
  }
  const audit = openAuditLog({ path: join(paths.stateDirectory, 'audit.log'), uid, clock })
  opened.push(() => audit.close())
  const stopping: Stopping = { isStarted: false, reason: 'closed' }
  opened.push(async () => {
    const { isStarted, reason } = stopping
    if (isStarted) await audit.appendDurably({ event: 'daemon.stopped', reason })
  })
  const sockets = {
    broker: join(paths.runtimeDirectory, 'broker.sock'),
    admin: join(paths.runtimeDirectory, 'admin.sock'),
  }
  const idle = new IdleTime(clock)
  const onOpen = async (vault: Vault): Promise<void> => {
    await settleOpenIntents(vault)
    idle.end()
  }
  const flights = new Flights<RefreshOutcome>({ maxWaiting: MAX_WAITING_EXCHANGES })
  const door = new VaultDoor({
    maker: makerOf(options, config),
    onOpen,
    settle: () => flights.landed(),
    clock,
  })
  opened.push(() => door.close())
  const desk = consentDesk(options, config, audit)
  const watch = new PolicyWatch({ files: config, audit, onChange: () => desk.forgetAll() })
  const rooms: Rooms = {
    clock,
    requireConfig: () => {
      watch.look()
      config.current()
    },
    // of a broken file nothing stands, and nothing is handed out under it
    lifetimeOf: (grant) =>
      lifetimeOf(config.problem() === undefined ? config.current() : DEFAULT_CONFIG, grant),
    steadyClock: new SteadyClock(clock),
    vault: () => {
      // at the moment it is asked for, and not half a minute later
      autoLock().catch((error: unknown) => log.error('the vault could not be locked', error))
      return door.current()
    },
    policy: currentPolicy({
      rules: () => config.current().policy,
      time: () => localTime(clock.now()),
    }),
    rates: new RateBuckets(clock),
    consent: desk,
    tokens: new TokenCache({ clock, maxTokens: MAX_CACHED_TOKENS }),
    flights,
    backOff: new BackOff({ clock, random: Math.random }),
    endings: new Map(),
    random: Math.random,
    rejectedFloor: new RejectedFloor(),
    uses: new Map(),
    renewals: new Renewals({ clock, random: Math.random }),
    idle,
    issuers: createIssuers({
      clock,
      allowLoopbackHttp: options.allowLoopbackHttpIssuer,
      timeoutSeconds: ISSUER_TIMEOUT_SECONDS,
      clientName: `grantd on ${hostname()}`,
    }),
    audit,
  }
  opened.push(async () => {
    if (door.state().kind !== 'locked') await saveUses(rooms, true)
  })
  // what was sent brings a successor, and the vault must still be there to keep it
  opened.push(() => rooms.flights.landed())
  const logins = new Logins({ rooms, noticeOf: () => door.notice() })
  const vaultRooms: VaultRooms = { ...rooms, door, logins }
  const autoLock = async (): Promise<void> => {
    // of a broken file nothing stands, and nothing is handed out under it
    const { vault } = config.problem() === undefined ? config.current() : DEFAULT_CONFIG
    await lockWhenIdle(vaultRooms, vault.autoLockSeconds)
  }
  const counter = new RefusalCounter({ clock, log })
  const refusals = new RefusalRecord({ audit, clock })
  const identifier = createPeerIdentifier({
    uid,
    processes: procTable,
    hashes: createExecutableHashes({ clock, limits: HASH_LIMITS }),
  })
  const policyRooms: PolicyRooms = {
    ...rooms,
    files: config,
    lookUp: (pid) => lookUpPeer(identifier, procTable, pid),
  }
  const admit: ServerOptions['admit'] = (server) =>
    admitConnections(server, {
      uid,
      budget,
      connectionOf: (socket) => kernelConnection(socket, identifier),
      onRefused: (refusal, peer) => {
        counter.count(refusal, peer)
        try {
          refusals.record(peer, refusal)
        } catch {
          // nobody waits for an answer; who does is told that nothing can be recorded
        }
      },
    })
  const requests = new OpenRequests({
    perConnection: MAX_REQUESTS_PER_CONNECTION,
    perPid: MAX_REQUESTS_PER_PID,
    inAll: MAX_REQUESTS,
  })
  const polls = new LongPolls({ perLogin: MAX_LONG_POLLS_PER_LOGIN, inAll: MAX_LONG_POLLS })
  const facts: DaemonFacts = {
    version: options.version,
    pid: process.pid,
    startedAt: clock.now(),
    configPath: config.path,
    sockets,
    configProblem: () => config.problem(),
    vaultState: () => {
      const { hint } = door.facts()
      return { ...door.state(), ...(hint !== undefined && { hint }) }
    },
    grants: () =>
      door.state().kind === 'locked' ? 0 : currentGrants(door.current().list()).length,
    unsavedGrants: () => (door.state().kind === 'locked' ? 0 : door.current().unsaved),
    pendingLogins: () => logins.pending,
    openConnections: () => budget.open,
    refusedPeers: () => counter.total,
    counters: () => ({
      cached_tokens: rooms.tokens.size,
      unsaved_grants: facts.unsavedGrants(),
      exchanges_under_way: rooms.flights.size,
      open_requests: requests.open,
      unsent_refusals: requests.unsentRefusals,
      refused_requests: requests.refused,
      long_polls: polls.waiting,
      pending_prompts: desk.pending,
      prompts_refused: desk.refused,
    }),
  }
  const onMistake = (error: unknown): void =>
    log.error('a request failed by our own mistake', error)
  const broker = createServer({
    role: 'broker',
    admit,
    requests,
    refusals,
    onMistake,
    deadlines: DEADLINES,
    routes: (callerOf) => [
      tokenRoute(rooms, callerOf),
      grantNamesRoute(rooms, callerOf),
      healthRoute(facts),
    ],
  })
  const admin = createServer({
    role: 'admin',
    admit,
    requests,
    refusals,
    onMistake,
    deadlines: DEADLINES,
    routes: (callerOf) => [
      loginsRoute(logins, clock, polls, callerOf),
      grantsRoute(rooms),
      revokeRoute(rooms, logins, callerOf),
      vaultRoute(vaultRooms, callerOf),
      policyRoute(policyRooms, callerOf),
      statusRoute(facts),
      healthRoute(facts),
    ],
  })
  await door.attempt()
  await audit.appendDurably({ event: 'daemon.started', ...watch.hashes() })
  stopping.isStarted = true
  const ending = new AbortController()
  const tick = new Tick({ clock, log, tasks: standingTasks(rooms, door, autoLock, ending.signal) })
  opened.push(() => {
    ending.abort()
    return tick.close()
  })
  tick.start()
  opened.push(() => closeServers([broker, admin], rooms.flights, logins))
  // before the servers: who waits for a person gets an answer
  opened.push(() => desk.close())
  await listen(broker, sockets.broker, uid)
  await listen(admin, sockets.admin, uid)
  opened.push(openWhenMended(() => config.problem() !== undefined, door))
  log.info('listening', {
    broker: sockets.broker,
    admin: sockets.admin,
    vault: door.state().detail,
  })
  return { sockets, stopping }
}

async function listen(app: FastifyInstance, path: string, uid: number): Promise<void> {
  await app.ready()
  await bindSocket(app.server, path, uid)
}

/** The person is asked by a pinentry, else by the program of OpenSSH. */
function consentDesk(
  { clock, environment, uid }: DaemonOptions,
  config: ConfigFiles,
  audit: AuditLog,
): ConsentDesk {
  const pinentry = pinentryPrompter({
    program: () => findPinentry(config.current().consent.pinentry, uid),
    environment,
    seconds: PROMPT_SECONDS,
    startMs: PROMPT_START_MS,
  })
  return new ConsentDesk({
    clock,
    show: firstThatShows([
      pinentry,
      askpassPrompter(environment, (path) => programProblem(path, uid)),
    ]),
    // a new object each time the text changed
    rules: () => config.problem() ?? config.current(),
    caps: {
      prompts: MAX_PENDING_PROMPTS,
      promptsPerProgram: MAX_PROMPTS_PER_PROGRAM,
      waitersPerPrompt: MAX_WAITERS_PER_PROMPT,
      waiters: MAX_CONSENT_WAITERS,
      remembered: MAX_CONSENT_CHOICES,
    },
    promptMs: PROMPT_SECONDS * 1000,
    queueMs: PROMPT_QUEUE_SECONDS * 1000,
    refusalMs: REFUSAL_SECONDS * 1000,
    record: consentOnRecord(audit),
  })
}

/** A broken configuration opens nothing: it may have said where the key is. */
function makerOf({ paths, environment, uid }: DaemonOptions, config: ConfigFiles): VaultMaker {
  const keychain = isolatedKeychain(environment)
  const keyring = kernelKeyring(process.platform, process.arch)
  return vaultMaker({
    files: vaultFiles(paths.stateDirectory),
    machineIdentity: (isGivenUp) => machineIdentity(paths.stateDirectory, isGivenUp),
    wish: () => keeperNamed(config.current().vault.sealingKey),
    keeperOf: (provider, { passphrase, isPersonWaiting, signal }) =>
      keeperOf(provider, {
        keychain: (request, deadlineMs) => keychain(request, deadlineMs, signal),
        keychainDeadlineMs: isPersonWaiting ? KEYCHAIN_PROMPT_MS : KEYCHAIN_DEADLINE_MS,
        kernelKeyring: keyring,
        credentialsDirectory: environment['CREDENTIALS_DIRECTORY'],
        uid,
        passphrase,
      }),
  })
}
