/** What the process tells whoever supervises it; where nobody does, nothing happens. */
export interface ServiceManager {
  /** True where somebody listens. */
  readonly isThere: boolean
  /** Milliseconds within which {@link alive} has to be called again; `undefined` where nobody watches. */
  readonly watchdogMs: number | undefined
  /** It answers. @param status One sentence for `systemctl status`. */
  ready(status: string): void
  /** It reads its configuration anew; {@link ready} says when it has. */
  reloading(): void
  stopping(): void
  /** It is healthy. @param status As {@link ready}. */
  alive(status: string): void
}

/** Where it is told what. */
export interface ServiceManagerOptions {
  /** Ours; what is for us alone is removed, so that no program we start speaks in our name. */
  readonly environment: NodeJS.ProcessEnv
  readonly pid: number
  /** @throws unknown when it cannot be said */
  readonly send: (path: string, text: string) => void
  /** Milliseconds of the clock that systemd reads too, CLOCK_MONOTONIC. */
  readonly monotonic: () => number
  /** Hears what could not be said; the daemon goes on. */
  readonly onFailure: (error: unknown) => void
}

const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const

/**
 * The protocol of sd_notify(3). A manager that hears nothing ends us, so nothing of this is
 * worth failing for here.
 *
 * @see sd_notify(3), sd_watchdog_enabled(3)
 */
export function serviceManager(options: ServiceManagerOptions): ServiceManager {
  const { environment, pid, send, monotonic, onFailure } = options
  const [path = '', usec = '', watchedPid = ''] = VARIABLES.map((name) => environment[name])
  for (const name of VARIABLES) delete environment[name]
  const isThere = /^[/@]./.test(path)
  const tell = (...lines: readonly string[]): void => {
    if (!isThere) return
    try {
      send(path, lines.join('\n'))
    } catch (error) {
      onFailure(error)
    }
  }
  const isWatched =
    isThere && /^[1-9]\d{0,14}$/.test(usec) && ['', String(pid)].includes(watchedPid)
  return {
    isThere,
    watchdogMs: isWatched ? Number(usec) / 1000 : undefined,
    ready: (status) => tell('READY=1', sentence(status)),
    reloading: () =>
      tell('RELOADING=1', `MONOTONIC_USEC=${Math.round(monotonic() * 1000)}`, 'STATUS=reloading'),
    stopping: () => tell('STOPPING=1', 'STATUS=stopping'),
    alive: (status) => tell('WATCHDOG=1', sentence(status)),
  }
}

/** Each line is an assignment: what is told in one has none. */
function sentence(status: string): string {
  return `STATUS=${status.replaceAll(/[\n\r]/g, ' ')}`
}
