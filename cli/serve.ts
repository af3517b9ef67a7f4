import { resolve } from 'node:path'
import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, type Parsed, parseOptions } from './options.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

/** How much the daemon logs, from little to much. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** What the command line says about a daemon; paths are absolute. */
export interface ServeOptions {
  /** Where the sockets are made; default is the one every client looks in. */
  readonly runtimeDirectory?: string
  /** Where the sealed records are kept. */
  readonly stateDirectory?: string
  readonly configFile?: string
  /** Only for tests and trials on one machine: tokens travel in the clear. */
  readonly allowLoopbackHttpIssuer: boolean
  readonly logLevel?: (typeof LOG_LEVELS)[number]
  /** Whose programs are answered; default is the uid that runs it. */
  readonly owner?: number
}

/** The module that is the daemon. */
export interface Daemon {
  /** @returns the exit status once the daemon has ended; throws why it did not start. */
  runDaemon(options: ServeOptions): Promise<number>
}

export const HELP: Help = {
  usage: 'grantd serve [OPTION]...',
  about: [
    'Runs the daemon in the foreground, until a signal ends it; it never forks.',
    'A service manager starts, watches and restarts it.',
  ],
  example: { line: 'grantd serve --log-level debug', text: 'see what it does, in a terminal' },
}

export const OPTIONS = {
  'runtime-dir': { type: 'string', value: 'DIR', text: 'directory of the sockets' },
  'state-dir': { type: 'string', value: 'DIR', text: 'directory of the sealed grants' },
  config: { type: 'string', value: 'FILE', text: 'configuration file' },
  'allow-loopback-http-issuer': {
    type: 'boolean',
    text: 'accept http: issuers on this machine; for tests only',
  },
  'log-level': { type: 'string', value: 'LEVEL', text: LOG_LEVELS.join(', ') },
  owner: {
    type: 'string',
    value: 'UID',
    text: 'answer the programs of this uid, instead of our own',
  },
  json: { ...JSON_OPTION, text: 'an error is a problem object on stderr' },
} as const

/**
 * `grantd serve`: the only command that loads the daemon.
 *
 * @param load Gets the daemon's module.
 */
export async function run(
  _world: World,
  args: readonly string[],
  load: () => Promise<Daemon> = () => import('../daemon/main.ts'),
): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  noMore(positionals, 0)
  const options = serveOptions(values)
  const daemon = await load()
  return daemon.runDaemon(options)
}

/** The daemon's options out of the command line's. @throws UsageError */
export function serveOptions(values: Parsed<typeof OPTIONS>['values']): ServeOptions {
  const { 'runtime-dir': runtime, 'state-dir': state, config, 'log-level': level } = values
  const owner = ownerOf(values.owner)
  const logLevel = LOG_LEVELS.find((known) => known === level)
  if (level !== undefined && logLevel === undefined) {
    throw new UsageError(`--log-level takes one of ${LOG_LEVELS.join(', ')}`)
  }
  return {
    ...(runtime === undefined ? {} : { runtimeDirectory: resolve(runtime) }),
    ...(state === undefined ? {} : { stateDirectory: resolve(state) }),
    ...(config === undefined ? {} : { configFile: resolve(config) }),
    allowLoopbackHttpIssuer: values['allow-loopback-http-issuer'] === true,
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(owner === undefined ? {} : { owner }),
  }
}

/** The largest number is nobody's: the kernel takes it for none. */
const MOST_UID = 0xff_ff_ff_fe

function ownerOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= MOST_UID) return Number(text)
  throw new UsageError('--owner takes the number of a user who is not root')
}
