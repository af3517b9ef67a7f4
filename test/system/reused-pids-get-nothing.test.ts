import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { kernelConnection } from '../../daemon/listener/kernel-connection.ts'
import { createPeerIdentifier } from '../../daemon/peer/identify-peer.ts'
import { procTable } from '../../daemon/peer/process-table.ts'
import { peerCredentials } from '../../daemon/platform/libc.ts'
import { noHashes } from '../fakes/fake-processes.ts'
import { shortDirectory } from '../fakes/short-directory.ts'
import { passSocket } from '../integration/passed-socket.ts'
import { startWorld } from '../integration/world.ts'
import { needsNamespaces, OWN_PIDS, UNSHARE } from './namespaces.ts'

/** Set where we are already inside: there the next pid can be chosen. */
const INSIDE = 'GRANTD_TEST_INSIDE'

const LAST_PID = '/proc/sys/kernel/ns_last_pid'

/** An ordinary process of the same user and the same program, which has this pid. */
async function startAs(t: Test, pid: number): Promise<ChildProcess> {
  for (let tries = 0; tries < 200; tries++) {
    writeFileSync(LAST_PID, String(pid - 1))
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 120_000)'])
    t.teardown(() => child.kill('SIGKILL'))
    if (child.pid === pid) return child
    // a thread of somebody was faster
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  throw new Error(`nobody got the pid ${pid}`)
}

async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.pid ?? -1
}

function promises(): void {
  t.test('a daemon gives nothing to a pid that was given away', async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    const asked = await passSocket(t, world.sockets.broker)
    const pid = await ended(asked.connector)
    await startAs(t, pid)
    t.match(await asked.ask(), /^HTTP\/1\.1 403 [\s\S]*"unauthorized_peer"/, 'before the request')
    t.match(world.auditLog(), new RegExp(`"token.denied","peer":\\{"uid":\\d+,"pid":${pid},`))

    process.kill(world.daemonPid(), 'SIGSTOP')
    const early = await passSocket(t, world.sockets.broker)
    await startAs(t, await ended(early.connector))
    process.kill(world.daemonPid(), 'SIGCONT')
    // a kernel without a pidfd of the dead says nothing at all: then there is no answer either
    const nothing = /^(?:HTTP\/1\.1 403 [\s\S]*"unauthorized_peer"|$)/
    t.match(await early.ask(), nothing, 'before the daemon looked')
    t.notMatch(world.auditLog(), /token\.issued/)
    t.equal((await world.token({ grant: 'work' })).status, 200, 'others are served')
  })

  t.test('a kernel that has no pidfds', async (t) => {
    const path = join(shortDirectory(t), 's')
    const server = createServer().listen(path)
    t.teardown(() => server.close())
    await once(server, 'listening')
    const identifier = createPeerIdentifier({
      uid: process.getuid?.() ?? -1,
      processes: procTable,
      hashes: noHashes,
    })
    const connected = once(server, 'connection')
    const passed = await passSocket(t, path, 'stay')
    const [socket] = (await connected) as [Socket]
    const connection = kernelConnection(socket, identifier, (fd) => ({
      ...peerCredentials(fd),
      pidfd: undefined,
    }))
    t.match(connection.peer, { pid: passed.connector.pid, class: 'local' })
    t.ok(connection.isSameProcess())
    passed.connector.kill('SIGKILL')
    await startAs(t, await ended(passed.connector))
    t.notOk(connection.isSameProcess())
    t.same(connection.inquiry.ancestors(), [])
    connection.release()
    socket.destroy()
  })
}

if (process.env[INSIDE] === undefined) {
  const [program, ...args] = [...UNSHARE, ...OWN_PIDS, process.execPath]
  t.test('whoever gets the pid of a caller gets nothing of its rights', needsNamespaces(), (t) =>
    t.spawn(program, [...args, fileURLToPath(import.meta.url)], {
      env: { ...process.env, [INSIDE]: '1' },
    }),
  )
} else {
  promises()
}
