import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Paths } from '../config/paths.ts'
import { bindSocket } from '../listener/bind-socket.ts'
import type { InheritedSockets } from '../listener/inherited-sockets.ts'
import { listenOn } from '../listener/listen-on.ts'
import { requireSettledDirectory } from '../listener/settled-directory.ts'

/** Listeners that every daemon has. */
type Role = 'broker' | 'admin'

/** Where a daemon listens: at what was bound for it, or else in its own directory. */
export function socketPaths(
  inherited: InheritedSockets,
  { runtimeDirectory }: Pick<Paths, 'runtimeDirectory'>,
): Readonly<Record<Role, string>> {
  return {
    broker: inherited.broker?.path ?? join(runtimeDirectory, 'broker.sock'),
    admin: inherited.admin?.path ?? join(runtimeDirectory, 'admin.sock'),
  }
}

/**
 * Listens at one of them.
 *
 * @param uid Our own: a directory that others have a say in is refused.
 * @throws StartupError
 */
export async function openSocket(
  app: FastifyInstance,
  role: Role,
  inherited: InheritedSockets,
  where: Pick<Paths, 'runtimeDirectory'> & { readonly uid: number },
): Promise<void> {
  await app.ready()
  const ours = inherited[role]
  if (ours === undefined)
    await bindSocket(app.server, socketPaths(inherited, where)[role], where.uid)
  else {
    requireSettledDirectory(dirname(ours.path), where.uid)
    await listenOn(app.server, ours)
  }
}
