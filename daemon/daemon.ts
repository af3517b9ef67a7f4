import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { ISSUER_TIMEOUT_SECONDS } from './base/limits.ts'
import { requirePrivateDirectory } from './base/private-directory.ts'
import { Tick } from './base/tick.ts'
import { isIdleTooLong, lockWhenIdle } from './broker/auto-lock.ts'
import { Logins } from './broker/logins.ts'
import { noNewCapabilities } from './broker/no-new-capabilities.ts'
import { PolicyWatch } from './broker/policy-watch.ts'
import { RefusalRecord } from './broker/record-refusal.ts'
import { RequestRate } from './broker/request-rate.ts'
import type { Rooms } from './broker/rooms.ts'
import { saveUses } from './broker/save-uses.ts'
import { ConfigFiles } from './config/config-files.ts'
import { lifetimeOf } from './config/lifetime.ts'
import { DEFAULT_CONFIG } from './config/parse-config.ts'
import { createIssuers } from './issuer/openid-issuers.ts'
import { closeServers, Opened, openWhenMended, standingTasks } from './lifecycle.ts'
import { NO_SOCKETS } from './listener/inherited-sockets.ts'
import { LentSockets } from './listener/lent-sockets.ts'
import { takeLock } from './listener/own-lock.ts'
import { stopListening } from './listener/stop-listening.ts'
import { duplicate } from './platform/libc.ts'
import { currentPolicy } from './policy/current-policy.ts'
import { localTime } from './policy/local-time.ts'
import { presetShelf } from './preset/preset-shelf.ts'
import { settleOpenIntents } from './refresh/settle-failure.ts'
import type { Vault } from './vault/vault.ts'
import { VaultDoor } from './vault/vault-door.ts'
import { watchTrail } from './wiring/anomaly-watch.ts'
import { openAuditTrail } from './wiring/audit-trail.ts'
import { brokenGlass, watchBrokenGlass } from './wiring/broken-glass.ts'
import { checkVault } from './wiring/check-vault.ts'
import { chooseVault } from './wiring/choose-vault.ts'
import { consentDesk } from './wiring/consent-desk.ts'
import { daemonFacts } from './wiring/daemon-facts.ts'
import type { DaemonOptions } from './wiring/daemon-options.ts'
import { emptyMemory } from './wiring/empty-memory.ts'
import { createGate } from './wiring/gate.ts'
import { watchIdle } from './wiring/idle-exit.ts'
import { createLobby, makeServers } from './wiring/make-servers.ts'
import { openCapabilities, watchCapabilities } from './wiring/open-capabilities.ts'
import { openSocket, socketPaths } from './wiring/open-socket.ts'
import type { RunningDaemon } from './wiring/running-daemon.ts'

/** What `daemon.stopped` will say; nothing is said of a daemon that never started. */
interface Stopping {
  isStarted: boolean
  reason: string
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
    const { stopping, ...running } = await open(options, opened)
    return {
      ...running,
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
): Promise<Omit<RunningDaemon, 'close'> & { readonly stopping: Stopping }> {
  const { paths, clock, log, uid, owner = uid } = options
  const config = new ConfigFiles({ user: options.config, system: options.systemConfig })
  const gate = createGate({
    owner,
    clock,
    log,
    onRefused: (peer, why) => refusals.record(peer, why),
  })
  for (const directory of [paths.runtimeDirectory, paths.stateDirectory]) {
    requirePrivateDirectory(directory, uid)
    const lock = takeLock(join(directory, 'grantd.lock'))
    opened.push(() => lock.release())
  }
  const { stateDirectory } = paths
  const trail = await openAuditTrail({ stateDirectory, uid, clock })
  opened.push(() => trail.audit.close())
  const { audit, reader, ...anomalies } = await watchTrail(trail, { clock, log, uid, config })
  opened.push(() => anomalies.hooks.close())
  opened.push(() => audit.settle())
  const refusals = new RefusalRecord({ audit, clock })
  const stopping: Stopping = { isStarted: false, reason: 'closed' }
  opened.push(async () => {
    const { isStarted, reason } = stopping
    if (isStarted) await audit.appendDurably({ event: 'daemon.stopped', reason })
  })
  const glass = brokenGlass(clock, config, audit)
  opened.push(() => glass.endAll('stopped'))
  const { inherited = NO_SOCKETS } = options
  const { activation } = inherited
  const lent = new LentSockets(inherited.capabilities, duplicate)
  const sockets = socketPaths(inherited, paths)
  const memory = emptyMemory(clock)
  const onOpen = async (vault: Vault): Promise<void> => {
    // its keeper may have locked it, and nobody told us
    glass.endAll('locked')
    await settleOpenIntents(vault)
    memory.idle.end()
  }
  const door = new VaultDoor({
    maker: chooseVault(options, config),
    onOpen,
    settle: () => memory.flights.landed(),
    clock,
  })
  opened.push(() => door.close())
  const desk = consentDesk(options, config, audit)
  const watch = new PolicyWatch({
    files: config,
    audit,
    onChange: () => {
      desk.forgetAll()
      glass.endAll('policy_changed')
    },
  })
  // of a broken file nothing stands, and nothing is handed out under it
  const autoLockSeconds = (): number | undefined =>
    (config.usable() ?? DEFAULT_CONFIG).vault.autoLockSeconds
  const rooms: Rooms = {
    ...memory,
    clock,
    requireConfig: () => {
      watch.look()
      config.current()
    },
    // of a broken file nothing stands, and nothing is handed out under it
    lifetimeOf: (grant) => lifetimeOf(config.usable() ?? DEFAULT_CONFIG, grant),
    vault: () => {
      // at the moment it is asked for, and not half a minute later
      if (isIdleTooLong(memory.idle, autoLockSeconds()))
        autoLock().catch((error: unknown) => log.error('the vault could not be locked', error))
      return door.current()
    },
    policy: currentPolicy({
      rules: () => config.current().policy,
      time: () => localTime(clock.now()),
    }),
    requestRate: new RequestRate({ clock, refusals }),
    consent: desk,
    glass,
    issuers: createIssuers({
      clock,
      allowLoopbackHttp: options.allowLoopbackHttpIssuer,
      timeoutSeconds: ISSUER_TIMEOUT_SECONDS,
      clientName: `grantd on ${hostname()}`,
    }),
    presets: presetShelf({
      builtIn: options.builtInPresets,
      own: join(dirname(config.path), 'presets'),
      uid,
    }),
    audit,
    capabilities: {
      ofGrant: (id) => capabilities.ofGrant(id),
      endOfGrant: (id) => capabilities.endOfGrant(id),
    },
  }
  opened.push(async () => {
    if (door.state().kind !== 'locked') await saveUses(rooms, true)
  })
  // what was sent brings a successor, and the vault must still be there to keep it
  opened.push(() => rooms.flights.landed())
  const logins = new Logins({ rooms, noticeOf: () => door.notice() })
  const vaultRooms = { ...rooms, door, logins }
  const autoLock = async (): Promise<void> => await lockWhenIdle(vaultRooms, autoLockSeconds())
  const lobby = createLobby()
  const facts = daemonFacts({
    version: options.version,
    startedAt: clock.now(),
    sockets,
    activation,
    config,
    door,
    rooms,
    logins,
    reader,
    gate,
    lobby,
    desk,
    ...anomalies,
    glass,
  })
  const parts = { gate, lobby, refusals, log }
  const served = { rooms, facts }
  const capabilities = openCapabilities({ ...parts, uid, paths, lent, served: () => served }, rooms)
  const { broker, admin } = makeServers(parts, {
    rooms: vaultRooms,
    policyRooms: { ...rooms, files: config, lookUp: gate.lookUp },
    logins,
    reader,
    capabilities: owner === uid ? capabilities : noNewCapabilities(capabilities),
    facts,
  })
  await door.attempt()
  await audit.appendDurably({ event: 'daemon.started', ...watch.hashes() })
  stopping.isStarted = true
  const ending = new AbortController()
  const tick = new Tick({
    clock,
    log,
    tasks: [
      { name: 'audit', run: () => audit.maintain() },
      ...standingTasks(rooms, door, autoLock, ending.signal),
    ],
  })
  opened.push(() => {
    ending.abort()
    return tick.close()
  })
  tick.start()
  opened.push(() => capabilities.close())
  // while they close nobody is refused any more who may have the next daemon
  opened.push(() => lent.end())
  opened.push(() => closeServers([broker, admin], rooms.flights, logins))
  // before the servers: who waits for a person gets an answer
  opened.push(() => desk.close())
  await openSocket(broker, 'broker', inherited, { ...paths, uid })
  await openSocket(admin, 'admin', inherited, { ...paths, uid })
  await capabilities.restore()
  for (const path of await lent.refuseRest())
    log.warn('a socket was handed over that is no capability’s; it refuses everybody', { path })
  opened.push(watchCapabilities(capabilities, log))
  opened.push(watchBrokenGlass(glass))
  opened.push(openWhenMended(() => config.problem() !== undefined, door))
  const sources = { config, rooms, gate, door, logins, desk, capabilities, glass, ...anomalies }
  const comesBack = inherited.broker !== undefined && inherited.admin !== undefined
  const { idle, stop } = watchIdle(sources, comesBack)
  opened.push(stop)
  // first of all in the end: whoever comes from now on waits for the next daemon, if there is one
  opened.push(() => {
    lent.end()
    capabilities.stopListening()
    for (const app of [broker, admin]) stopListening(app.server)
  })
  log.info('listening', {
    broker: sockets.broker,
    admin: sockets.admin,
    vault: door.state().detail,
  })
  return {
    sockets,
    stopping,
    idle,
    check: () => checkVault(door),
    reload: () => {
      config.reload()
      watch.look()
    },
  }
}
