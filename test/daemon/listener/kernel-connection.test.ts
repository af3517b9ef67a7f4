import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { connect, createServer, type Server, Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { admitConnections } from '../../../daemon/listener/admit-connection.ts'
import { ConnectionBudget } from '../../../daemon/listener/connection-budget.ts'
import { kernelConnection } from '../../../daemon/listener/kernel-connection.ts'
import { createPeerIdentifier } from '../../../daemon/peer/identify-peer.ts'
import { procTable } from '../../../daemon/peer/process-table.ts'
import { FakeProcesses, noHashes } from '../../fakes/fake-processes.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'
import { needsLinux } from '../../needs.ts'

const uid = process.getuid?.() ?? -1
const identifier = createPeerIdentifier({ uid, processes: procTable, hashes: noHashes })
const linuxOnly = needsLinux()

async function listen(t: Test): Promise<{ readonly server: Server; readonly path: string }> {
  const path = join(shortDirectory(t), 's')
  const server = createServer().listen(path)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { server, path }
}

t.test('the kernel says who connected, until the connection is let go', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const client = connect(path)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const connection = kernelConnection(socket, identifier)
  t.match(connection.peer, { pid: process.pid, uid, executable: process.execPath, class: 'local' })
  t.ok(connection.isSameProcess())
  connection.release()
  t.notOk(connection.isSameProcess(), 'afterwards nobody is there any more')
  client.destroy()
  socket.destroy()
})

t.test('letting go twice never closes what is somebody else’s by then', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const client = connect(path)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const connection = kernelConnection(socket, identifier)
  connection.release()
  const fd = openSync(path.replace(/s$/, ''), 'r')
  connection.release()
  closeSync(fd)
  client.destroy()
  socket.destroy()
})

t.test('a process that died is not the same process any more', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const program = `require('node:net').connect(process.argv[1])`
  const child = spawn(process.execPath, ['-e', program, path])
  const [socket] = (await once(server, 'connection')) as [Socket]
  const connection = kernelConnection(socket, identifier)
  t.equal(connection.peer.pid, child.pid)
  t.ok(connection.isSameProcess())
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.notOk(connection.isSameProcess())
  connection.release()
  socket.destroy()
})

t.test('facts read of a process that had already ended are nobody’s', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const child = spawn(process.execPath, [
    '-e',
    `require('node:net').connect(process.argv[1])`,
    path,
  ])
  const [socket] = (await once(server, 'connection')) as [Socket]
  child.kill('SIGKILL')
  await once(child, 'exit')
  // its pid belongs to another process by now, and whatever is read is that one's
  const processes = new FakeProcesses()
  const namespaces = ['pid', 'user', 'mnt']
  processes.set('self', { namespaces })
  processes.set(child.pid ?? 0, { startTime: '1', executable: '/usr/bin/git', namespaces })
  const misled = createPeerIdentifier({ uid, processes, hashes: noHashes })
  let seen: ReturnType<typeof kernelConnection> | undefined
  try {
    seen = kernelConnection(socket, misled)
  } catch {
    // some kernels have no pidfd of a dead process: then there is no connection at all
  }
  t.equal(seen?.peer.class ?? 'unidentified', 'unidentified')
  t.notOk(seen?.isSameProcess())
  seen?.release()
  socket.destroy()
})

t.test('without pidfds the process is still told from whoever comes next', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const child = spawn(process.execPath, [
    '-e',
    `require('node:net').connect(process.argv[1])`,
    path,
  ])
  const [socket] = (await once(server, 'connection')) as [Socket]
  const { pid = 0 } = child
  const connection = kernelConnection(socket, identifier, () => ({
    pid,
    uid,
    gid: 0,
    pidfd: undefined,
  }))
  t.match(connection.peer, { pid, class: 'local' })
  t.ok(connection.isSameProcess())
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.notOk(connection.isSameProcess())
  connection.release()
  socket.destroy()
})

t.test('a socket without a descriptor has no peer', async (t) => {
  t.throws(() => kernelConnection(new Socket(), identifier), { name: 'SystemCallError' })
})

t.test('two thousand connections leave no descriptor behind', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const budget = new ConnectionBudget({ inAll: 1_000, perPid: 100 })
  admitConnections(server, {
    uid,
    budget,
    connectionOf: (socket) => kernelConnection(socket, identifier),
    onRefused: (refusal) => t.fail(refusal),
  })
  const round = async (): Promise<void> => {
    const clients = Array.from({ length: 50 }, () => connect(path))
    const sockets: Socket[] = []
    while (sockets.length < clients.length)
      sockets.push(((await once(server, 'connection')) as [Socket])[0])
    const closed = sockets.map((socket) => once(socket, 'close'))
    for (const client of clients) client.destroy()
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
  }
  await round()
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 40; i++) await round()
  t.equal(budget.open, 0)
  t.ok(readdirSync('/proc/self/fd').length <= before + 2)
})

t.test('where pids have versions the kernel is asked for them again', linuxOnly, async (t) => {
  const { server, path } = await listen(t)
  const client = connect(path)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const { pid } = process
  let now: { readonly pid: number; readonly pidVersion: number } | undefined = {
    pid,
    pidVersion: 9,
  }
  const connection = kernelConnection(socket, identifier, () => {
    if (now === undefined) throw new Error('ENOTCONN')
    return { uid, gid: 0, pidfd: undefined, ...now }
  })
  t.match(connection.peer, { pid, uid })
  t.ok(connection.isSameProcess())
  now = { pid, pidVersion: 10 }
  t.notOk(connection.isSameProcess(), 'it executed something')
  now = { pid: pid + 1, pidVersion: 9 }
  t.notOk(connection.isSameProcess(), 'somebody else uses the socket')
  now = undefined
  t.notOk(connection.isSameProcess(), 'nobody is there')
  connection.release()
  client.destroy()
  socket.destroy()
})

t.test(
  'a guest is in the group by the kernel’s word, and never root or nobody',
  linuxOnly,
  async (t) => {
    const { server, path } = await listen(t)
    const client = connect(path)
    const [socket] = (await once(server, 'connection')) as [Socket]
    const [pid, gid] = [process.pid, 4_242]
    const isGuest = (said: { readonly uid: number; readonly gid: number }): boolean => {
      const connection = kernelConnection(
        socket,
        identifier,
        () => ({ pid, pidfd: undefined, ...said }),
        gid,
      )
      connection.release()
      return connection.isGuest
    }
    t.ok(isGuest({ uid: 4_242, gid }))
    t.notOk(isGuest({ uid: 4_242, gid: gid + 1 }), 'nor among its other groups')
    for (const nobody of [0, 65_534]) t.notOk(isGuest({ uid: nobody, gid }))
    client.destroy()
    socket.destroy()
  },
)
