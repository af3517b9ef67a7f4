import type { ServiceCommands } from './service-commands.ts'

/**
 * True where the file of a unit is another one than systemd has loaded: an installation was cut
 * short between writing it and having it read, and the next one finds nothing to write.
 *
 * @param manager Arguments that say which systemd is asked.
 */
export async function isOutdated(
  commands: Pick<ServiceCommands, 'ask'>,
  manager: readonly string[],
  units: readonly string[],
): Promise<boolean> {
  const args = [...manager, 'show', '--property=NeedDaemonReload', ...units]
  return /^NeedDaemonReload=yes$/m.test((await commands.ask('systemctl', ...args)).stdout)
}
