import type { Server } from 'node:net'
import { BACKLOG } from '../base/limits.ts'
import { StartupError } from '../base/startup-error.ts'
import type { InheritedSocket } from './inherited-sockets.ts'

/**
 * Listens on a socket that somebody else has bound, and leaves its file alone in the end. Who
 * has a say in its directory is for the caller to judge.
 *
 * @throws StartupError when it cannot be listened on
 */
export async function listenOn(server: Server, { fd, path }: InheritedSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartupError(`cannot listen at "${path}": ${String(error.code)}`)),
    )
    server.listen({ fd, backlog: BACKLOG })
  })
}
