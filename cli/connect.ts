import { GrantdConnection } from '@grantd/client/connection'
import { VERSION } from './version.ts'
import type { Connection } from './world.ts'

/** How this command introduces itself. */
const NAME = 'grantd-cli'

/** The SDK's connection under the command's own name. */
export function connectTo(socketPath: string): Connection {
  return new GrantdConnection({ socketPath, name: NAME, version: VERSION })
}
