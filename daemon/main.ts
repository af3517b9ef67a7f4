import { existsSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { GrantdError } from '@grantd/client/protocol'
import { systemClock } from './base/clock.ts'
import { describeError } from './base/describe-error.ts'
import { createLog, type Log } from './base/log.ts'
import { StartupError } from './base/startup-error.ts'
import { ConfigFile } from './config/config-file.ts'
import type { LogLevel } from './config/parse-config.ts'
import { choosePaths, type Paths } from './config/paths.ts'
import { type RunningDaemon, startDaemon } from './daemon.ts'

/** What the command line says about a daemon; paths are absolute. */
export interface ServeOptions extends Partial<Paths> {
  /** Lets issuers on 127.0.0.1 and [::1] speak http; for tests and trials on one machine. */
  readonly allowLoopbackHttpIssuer: boolean
  readonly logLevel?: LogLevel
}

/** Files we make are ours alone, whatever shell started us. */
const UMASK = 0o077

/** Exit status after a failed start, and after a mistake that was caught by nobody. */
const EXIT_FAILED = 1

/**
 * Runs the daemon until SIGTERM, SIGINT or SIGHUP ends it.
 *
 * @returns Exit status: 0 after a signal, 1 when it could not start.
 */
export async function runDaemon(options: ServeOptions): Promise<number> {
  // Node opens its debugger to every local uid on this signal
  process.on('SIGUSR1', () => undefined)
  process.umask(UMASK)
  const log = createLog(options.logLevel ?? 'info')
  dieQuietly(log)
  const uid = process.getuid?.() ?? -1
  const paths = choosePaths(options, {
    environment: process.env,
    uid,
    home: homedir(),
    temporaryDirectory: tmpdir(),
    exists: existsSync,
  })
  const config = new ConfigFile({ path: paths.configFile, uid, clock: systemClock })
  if (options.logLevel === undefined && config.problem() === undefined)
    log.setLevel(config.current().log.level)
  let daemon: RunningDaemon
  try {
    daemon = await startDaemon({
      paths,
      config,
      clock: systemClock,
      log,
      uid,
      environment: process.env,
      version: ownVersion(),
      allowLoopbackHttpIssuer: options.allowLoopbackHttpIssuer,
    })
  } catch (error) {
    if (!(error instanceof StartupError || error instanceof GrantdError)) throw error
    process.stderr.write(`grantd: ${error.message}\n`)
    if (error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`)
    return EXIT_FAILED
  }
  const problem = config.problem()
  if (problem !== undefined)
    log.warn('the configuration is broken; no tokens are issued', { problem })
  const signal = await nextSignal()
  log.info('stopping', { signal })
  await daemon.close()
  return 0
}

async function nextSignal(): Promise<string> {
  return await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal))
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
