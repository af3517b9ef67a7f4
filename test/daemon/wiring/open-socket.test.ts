import { chmodSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fastify from 'fastify'
import t from 'tap'
import { NO_SOCKETS } from '../../../daemon/listener/inherited-sockets.ts'
import { boundSocket } from '../../../daemon/platform/bound-socket.ts'
import { openSocket, socketPaths } from '../../../daemon/wiring/open-socket.ts'
import { askSocket } from '../../fakes/ask-socket.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

const uid = process.getuid?.() ?? -1

function serving() {
  const app = fastify()
  app.get('/', () => ({ status: 'ok' }))
  return app
}

t.test('what nobody has bound is bound in the directory of the daemon', async (t) => {
  const runtimeDirectory = shortDirectory(t)
  const app = serving()
  t.teardown(() => app.close())
  t.same(socketPaths(NO_SOCKETS, { runtimeDirectory }), {
    broker: join(runtimeDirectory, 'broker.sock'),
    admin: join(runtimeDirectory, 'admin.sock'),
  })
  await openSocket(app, 'admin', NO_SOCKETS, { runtimeDirectory, uid })
  const path = join(runtimeDirectory, 'admin.sock')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.match(await askSocket(path, 'GET', '/'), { status: 200 })
})

t.test('what was bound is listened on where it is, in a directory that is settled', async (t) => {
  const directory = shortDirectory(t)
  const runtimeDirectory = join(directory, 'unused')
  const path = join(directory, 's')
  const app = serving()
  t.teardown(() => app.close())
  const inherited = {
    ...NO_SOCKETS,
    activation: 'systemd',
    broker: { fd: boundSocket(path), path },
  } as const
  t.equal(socketPaths(inherited, { runtimeDirectory }).broker, path)
  await openSocket(app, 'broker', inherited, { runtimeDirectory, uid })
  t.match(await askSocket(path, 'GET', '/'), { status: 200 })
  t.notOk(existsSync(runtimeDirectory))
  chmodSync(directory, 0o777)
  await t.rejects(openSocket(serving(), 'broker', inherited, { runtimeDirectory, uid }), {
    message: /open to others/,
  })
})
