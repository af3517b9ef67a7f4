import type { Server } from 'node:net'
import { dirname } from 'node:path'
import { BACKLOG } from '../base/limits.ts'
import { StartupError } from '../base/startup-error.ts'
import type { InheritedSocket } from './inherited-sockets.ts'
import { requireSettledDirectory } from './settled-directory.ts'

/**
 * Listens on a socket that somebody else has bound, and leaves its file alone in the end.
 *
 * @param uid Our own: nobody else but root may have a say in the directory of the socket.
 * @throws StartupError when somebody does, or it cannot be listened on
 */
export async function listenOn(
  server: Server,
  { fd, path }: InheritedSocket,
  uid: number,
): Promise<void> {
  requireSettledDirectory(dirname(path), uid)
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartupError(`cannot listen at "${path}": ${String(error.code)}`)),
    )
    server.listen({ fd, backlog: BACKLOG })
  })
}
