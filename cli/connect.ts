import { GrantdConnection } from '@grantd/client/connection'
import { VERSION } from './version.ts'
import type { Connection } from './world.ts'

/** How this command introduces itself. */
const NAME = 'grantd-cli'

/**
 * Longer than the daemon takes to refresh at a slow issuer, and than a question to the person
 * at the prompt may wait for its turn and stand there: two minutes.
 */
const TIMEOUT_MS = 150_000

/** The SDK's connection under the command's own name. */
export function connectTo(socketPath: string): Connection {
  return new GrantdConnection({ socketPath, name: NAME, version: VERSION, timeoutMs: TIMEOUT_MS })
}
