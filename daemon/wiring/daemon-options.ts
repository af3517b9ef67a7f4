import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { ConfigFile } from '../config/config-file.ts'
import type { Paths } from '../config/paths.ts'
import type { InheritedSockets } from '../listener/inherited-sockets.ts'

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
  /** Whose programs are answered. Default: our own uid. */
  readonly owner?: number
  /** Where the keychain's bus and desktop are found; all but a few names stay here. */
  readonly environment: NodeJS.ProcessEnv
  readonly version: string
  /** Directory of the presets that came with us. */
  readonly builtInPresets: string
  /** Lets issuers on 127.0.0.1 and [::1] speak http; a switch of the command line only. */
  readonly allowLoopbackHttpIssuer: boolean
  /** Listeners that a service manager has bound; what is not among them we bind. Default: none. */
  readonly inherited?: InheritedSockets
}
