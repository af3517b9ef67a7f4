import { GrantdError } from '@grantd/client/protocol'
import type { Capabilities } from './capabilities.ts'

/**
 * The capabilities of a daemon whose owner is somebody else: their sockets would be ours, and
 * the owner could not connect.
 */
export function noNewCapabilities(
  book: Pick<Capabilities, 'list' | 'remove'>,
): Pick<Capabilities, 'list' | 'add' | 'remove'> {
  return {
    list: () => book.list(),
    remove: (caller, name) => book.remove(caller, name),
    add: async () => {
      throw new GrantdError(
        'invalid_request',
        'this daemon runs under a uid of its own, and you could not connect to a socket that it makes',
      )
    },
  }
}
