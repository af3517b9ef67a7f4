/** Where a machine keeps what `doctor` asks about. */
export interface Places {
  /** Exists while systemd is the init system. */
  readonly booted: string
  /** Has a file for each user who lingers. */
  readonly linger: string
  /** The kernel's own files. */
  readonly proc: string
  readonly sys: string
  /** Talks to the service manager of the user. */
  readonly systemctl: string
}

/** @see sd_booted(3), loginctl(1), proc(5) */
export const PLACES: Places = {
  booted: '/run/systemd/system',
  linger: '/var/lib/systemd/linger',
  proc: '/proc',
  sys: '/sys',
  systemctl: 'systemctl',
}
