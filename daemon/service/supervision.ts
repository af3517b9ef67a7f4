import type { Log } from '../base/log.ts'
import type { ServiceManager } from './service-manager.ts'

/** What a service manager asks of a daemon that runs. */
export interface Supervised {
  /** @returns One sentence about the vault. @throws unknown where it has trouble */
  check(): string
  /** Reads the configuration anew. @throws unknown where that cannot be recorded */
  reload(): void
}

/** What `systemctl status` shows. */
export function describe(daemon: Pick<Supervised, 'check'>): string {
  try {
    return daemon.check()
  } catch {
    return 'the vault has trouble; the log says which'
  }
}

/** Reads the configuration anew, and tells the manager when that begins and ends. */
export function reload(
  manager: Pick<ServiceManager, 'reloading' | 'ready'>,
  daemon: Supervised,
  log: Pick<Log, 'info' | 'error'>,
): void {
  manager.reloading()
  try {
    daemon.reload()
    log.info('the configuration was read anew')
  } catch (error) {
    log.error('the new configuration could not be put on record', error)
  }
  manager.ready(describe(daemon))
}
