import { existsSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { systemClock } from './base/clock.ts'
import { describeError } from './base/describe-error.ts'
import { isJournal } from './base/journal.ts'
import { createLog, type Log } from './base/log.ts'
import { ConfigFile } from './config/config-file.ts'
import type { LogLevel } from './config/parse-config.ts'
import { choosePaths, type Paths } from './config/paths.ts'
import { startDaemon } from './daemon.ts'
import { loadOAuthLibrary } from './issuer/oauth-library.ts'
import { type SocketSources, takeSockets } from './listener/take-sockets.ts'
import type { Hardened } from './platform/harden-process.ts'
import { launchSockets } from './platform/launch-sockets.ts'
import { listeningPath } from './platform/listening-socket.ts'
import { sendDatagram } from './platform/send-datagram.ts'
import { serviceManager } from './service/service-manager.ts'
import { describe, reload } from './service/supervision.ts'
import { feedWatchdog } from './service/watchdog.ts'
import type { RunningDaemon } from './wiring/running-daemon.ts'

/** What the command line says about a daemon; paths are absolute. */
export interface ServeOptions extends Partial<Paths> {
  /** Lets issuers on 127.0.0.1 and [::1] speak http; for tests and trials on one machine. */
  readonly allowLoopbackHttpIssuer: boolean
  readonly logLevel?: LogLevel
  /** Whose programs are answered. Default: the uid that runs the daemon. */
  readonly owner?: number
}

/** What the administrator of the machine takes away; no option and no variable leads elsewhere. */
const SYSTEM_CONFIG = '/etc/grantd/config.toml'

/** Where the log goes. */
const STDERR = 2

/** Exit status after a mistake that was caught by nobody, and after an end that was cut short. */
const EXIT_FAILED = 1

/** Whoever starts daemons here. */
const THIS_SYSTEM = { platform: process.platform, launchSockets }

/** Signals that end the daemon; SIGHUP does only where no service manager sends it. */
const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const MANAGED_ENDING = ['SIGTERM', 'SIGINT'] as const

/**
 * Signals after which the end is not waited for any more. A second one does nothing: it
 * comes from whoever is impatient, and from a terminal that is closed.
 */
const SIGNALS_TO_KILL = 3

/**
 * Runs the daemon until SIGTERM, SIGINT or SIGHUP ends it. What is under way is
 * finished first, which takes as long as an exchange with an issuer may take; only a
 * third signal, or SIGKILL, cuts it short. Under a service manager SIGHUP reads the
 * configuration anew instead.
 *
 * @param hardened What the system agreed to, told in the log.
 * @param starter Who may have bound our sockets; a test can be launchd.
 * @returns Exit status: 0 after a signal.
 * @throws StartupError, GrantdError when it could not start, with a hint where there is one
 */
export async function runUntilSignal(
  options: ServeOptions,
  hardened: Hardened,
  starter: Pick<SocketSources, 'platform' | 'launchSockets'> = THIS_SYSTEM,
): Promise<number> {
  const log = createLog(options.logLevel ?? 'info', undefined, isJournal(process.env, STDERR))
  dieQuietly(log)
  if (!hardened.isClosed) log.warn('other processes of this user can read our memory')
  if (!hardened.writesNoCore) log.warn('a crash may write our memory to disk')
  const uid = process.getuid?.() ?? -1
  const paths = choosePaths(options, {
    environment: process.env,
    uid,
    home: homedir(),
    platform: process.platform,
    temporaryDirectory: tmpdir(),
    exists: existsSync,
  })
  const config = new ConfigFile({ path: paths.configFile, uid, clock: systemClock })
  const systemConfig = new ConfigFile({
    path: SYSTEM_CONFIG,
    uid: 0,
    clock: systemClock,
    level: 'system',
  })
  if (options.logLevel === undefined && config.problem() === undefined)
    log.setLevel(config.current().log.level)
  const manager = serviceManager({
    environment: process.env,
    pid: process.pid,
    send: sendDatagram,
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    onFailure: (error) => log.error('the service manager could not be told', error),
  })
  const inherited = takeSockets({
    ...starter,
    environment: process.env,
    pid: process.pid,
    pathOf: listeningPath,
  })
  let running: RunningDaemon | undefined
  if (manager.isThere)
    process.on('SIGHUP', () => {
      // one that is not there yet reads what is new when it starts
      if (running !== undefined) reload(manager, running, log)
    })
  // before anybody can know that we listen: who ends us then shall find us ready to end
  const signalled = firstSignal(log, manager.isThere ? MANAGED_ENDING : ENDING)
  const daemon = await startDaemon({
    paths,
    config,
    systemConfig,
    clock: systemClock,
    log,
    uid,
    owner: options.owner ?? uid,
    environment: process.env,
    version: ownVersion(),
    builtInPresets: fileURLToPath(new URL('../../presets/', import.meta.url)),
    allowLoopbackHttpIssuer: options.allowLoopbackHttpIssuer,
    inherited,
  })
  running = daemon
  manager.ready(describe(daemon))
  // an update may take away what is not loaded yet
  loadOAuthLibrary().catch((error: unknown) => log.error('no issuer can be asked', error))
  const unwatch = feedWatchdog(
    manager,
    async () => daemon.check(),
    (error) =>
      log.error('the vault has trouble; the service manager is not told we are well', error),
  )
  const problem = systemConfig.problem() ?? config.problem()
  if (problem !== undefined)
    log.warn('the configuration is broken; no tokens are issued', { problem })
  const signal = await Promise.race([signalled, daemon.idle.then(() => 'idle')])
  log.info('stopping', { signal })
  manager.stopping()
  await daemon.close(signal)
  unwatch()
  return 0
}

/** Its handlers stay: without one, the next signal would kill us in the middle of an exchange. */
async function firstSignal(log: Log, signals: readonly NodeJS.Signals[]): Promise<string> {
  let count = 0
  return await new Promise((resolve) => {
    for (const signal of signals)
      process.on(signal, () => {
        count += 1
        resolve(signal)
        if (count > 1) log.warn('still stopping', { signal, count })
        if (count >= SIGNALS_TO_KILL) process.exit(EXIT_FAILED)
      })
  })
}

/** Node prints nested causes of an uncaught error, and those can hold a token answer. */
function dieQuietly(log: Log): void {
  const die = (error: unknown): void => {
    log.error('a mistake that nobody caught', error)
    process.stderr.write(`grantd: stopped by a mistake: ${JSON.stringify(describeError(error))}\n`)
    process.exit(EXIT_FAILED)
  }
  process.on('uncaughtException', die)
  process.on('unhandledRejection', die)
}

function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
