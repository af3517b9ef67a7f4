import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { LentSockets } from '../../../daemon/listener/lent-sockets.ts'
import { closeFd, duplicate } from '../../../daemon/platform/libc.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

/** Binds and listens, and never accepts: as a service manager that has handed it over. */
async function manager(t: Test): Promise<{ readonly path: string; readonly fd: number }> {
  const path = join(shortDirectory(t), 's')
  const server = createServer().listen(path)
  await once(server, 'listening')
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } }
  const fd = duplicate(handle.fd)
  t.teardown(() => closeFd(fd))
  // the socket stays with its descriptor; closing a server removes its file
  const { rename } = await import('node:fs/promises')
  await rename(path, `${path}.kept`)
  server.close()
  await once(server, 'close')
  await rename(`${path}.kept`, path)
  return { path, fd }
}

/** What a caller hears: the text, or nothing before its connection ends, or nothing at all. */
async function heard(path: string, patienceMs = 10_000): Promise<string> {
  const socket: Socket = connect(path).setEncoding('utf8')
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  const ended = once(socket, 'close').then(
    () => text || 'hung up',
    () => 'refused',
  )
  const outcome = await Promise.race([ended, pause(patienceMs, 'waits', { ref: false })])
  socket.destroy()
  return outcome
}

const serving = (): Server => createServer((socket) => socket.end('served'))

async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

t.test('somebody always listens, until the end', async (t) => {
  const socket = await manager(t)
  const { path } = socket
  const lent = new LentSockets([socket], duplicate)
  t.ok(lent.has(path))
  t.ok(lent.has(join(path, '.')), 'by another name of the same path')
  t.notOk(lent.has(`${path}2`))
  t.equal(await heard(path, 200), 'waits', 'until the capabilities have theirs')
  t.same(await lent.refuseRest(), [path])
  t.equal(await heard(path), 'hung up')
  const first = serving()
  await lent.take(first, path)
  t.equal(await heard(path), 'served')
  await t.rejects(lent.take(serving(), path), {
    name: 'StartupError',
    message: `another capability listens at "${path}"`,
  })
  t.equal(await heard(path), 'served')
  await closed(first)
  t.ok(existsSync(path), 'its file is not ours')
  t.equal(await heard(path, 200), 'waits')
  await lent.give(path)
  t.equal(await heard(path), 'hung up')
  lent.end()
  t.equal(await heard(path, 200), 'waits', 'for the next daemon')
  await lent.give(path)
  t.equal(await heard(path, 200), 'waits')
})

t.test('what a capability has is not refused, and what it cannot have is', async (t) => {
  const socket = await manager(t)
  const { path } = socket
  const lent = new LentSockets([socket], duplicate)
  const server = serving()
  await lent.take(server, path)
  t.same(await lent.refuseRest(), [])
  t.equal(await heard(path), 'served')
  await closed(server)
  await lent.give(path)
  const busy = serving().listen(0)
  await once(busy, 'listening')
  await t.rejects(lent.take(busy, path), { code: 'ERR_SERVER_ALREADY_LISTEN' })
  t.equal(await heard(path), 'hung up')
  lent.end()
  await closed(busy)
})

t.test('of what nobody has lent nothing can be had', async (t) => {
  const lent = new LentSockets([], duplicate)
  await t.rejects(lent.take(serving(), '/run/c'), { name: 'TypeError' })
  await t.rejects(lent.give('/run/c'), { name: 'TypeError' })
})
