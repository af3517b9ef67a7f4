import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Listener } from './world.ts'

/** Where each socket of the daemon is. */
export function socketPath(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): (listener: Listener) => string {
  return (listener) => {
    const given = env['GRANTD_SOCK']
    if (given) return listener === 'broker' ? given : join(dirname(given), `${listener}.sock`)
    const runtime = env['XDG_RUNTIME_DIR']
    if (platform === 'darwin') {
      return join(homedir(), 'Library/Application Support/grantd/run', `${listener}.sock`)
    }
    if (runtime) return join(runtime, 'grantd', `${listener}.sock`)
    return join(homedir(), '.local/state/grantd/run', `${listener}.sock`)
  }
}
