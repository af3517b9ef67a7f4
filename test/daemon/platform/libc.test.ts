import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  closeFd,
  duplicate,
  isPidfdAlive,
  leadsTo,
  lockMemory,
  pathBytes,
  peerCredentials,
  peerGroups,
  tryLock,
} from '../../../daemon/platform/libc.ts'
import { needsLinux } from '../../needs.ts'

const linuxOnly = needsLinux()

/** The descriptor below a Node socket, where Fastify's hook finds it too. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } }
  return handle.fd
}

/** Accepts one connection of `connecting` and hands over its descriptor. */
async function accepted(t: Test, connecting: (path: string) => void): Promise<number> {
  // Not in t.testdir(): the path of a socket has to be short, and Node cuts a longer one silently.
  const directory = mkdtempSync(join(tmpdir(), 'grantd-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 's')
  const server = createServer().listen(path)
  await once(server, 'listening')
  connecting(path)
  const [socket] = (await once(server, 'connection')) as [Socket]
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  return descriptorOf(socket)
}

const CLIENT = `require('node:net').connect(process.argv[1]).on('close', () => process.exit())`

t.test('the kernel says who connected', async (t) => {
  const fd = await accepted(t, (path) => {
    const client = connect(path)
    t.teardown(() => client.destroy())
  })
  const peer = peerCredentials(fd)
  t.equal(peer.pid, process.pid)
  t.equal(peer.uid, process.geteuid?.())
  t.equal(peer.gid, process.getegid?.())
  if (peer.pidfd !== undefined) {
    t.ok(isPidfdAlive(peer.pidfd))
    closeFd(peer.pidfd)
  }
})

t.test('the kernel says in which groups the peer is', linuxOnly, async (t) => {
  const fd = await accepted(t, (path) => {
    const client = connect(path)
    t.teardown(() => client.destroy())
  })
  // Node adds the primary group, which the kernel tells elsewhere
  const own = process.getegid?.() ?? -1
  t.same(new Set([...peerGroups(fd), own]), new Set(process.getgroups?.()))
  t.throws(() => peerGroups(-1), { name: 'SystemCallError' })
})

t.test('a peer that was killed is not alive, whoever gets its pid', linuxOnly, async (t) => {
  let child: ReturnType<typeof spawn> | undefined
  const fd = await accepted(t, (path) => {
    child = spawn(process.execPath, ['-e', CLIENT, path])
  })
  const peer = peerCredentials(fd)
  t.equal(peer.pid, child?.pid)
  const { pidfd } = peer
  if (pidfd === undefined || child === undefined) return
  t.ok(isPidfdAlive(pidfd))
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.notOk(isPidfdAlive(pidfd))
  closeFd(pidfd)
  t.notOk(isPidfdAlive(pidfd), 'nor is a closed descriptor')
  t.notOk(isPidfdAlive(-1), 'nor none at all')
})

t.test('asking a thousand times leaves no descriptor behind', linuxOnly, async (t) => {
  const fd = await accepted(t, (path) => {
    const client = connect(path)
    t.teardown(() => client.destroy())
  })
  const before = readdirSync('/proc/self/fd').length
  for (let asked = 0; asked < 1000; asked++) closeFd(peerCredentials(fd).pidfd ?? -1)
  t.equal(readdirSync('/proc/self/fd').length, before)
})

t.test('what is no socket has no peer', async (t) => {
  const fd = openSync(join(t.testdir({ f: '' }), 'f'), 'r')
  t.teardown(() => closeSync(fd))
  t.throws(() => peerCredentials(fd), {
    name: 'SystemCallError',
    message: 'getsockopt: ENOTSOCK',
  })
})

t.test('closing leaves the standard streams alone', async (t) => {
  for (const fd of [-1, 0, 1, 2]) closeFd(fd)
  t.ok(process.stdout.writable)
  const fd = openSync(join(t.testdir({ f: '' }), 'f'), 'r')
  closeFd(fd)
  t.throws(() => closeSync(fd), { code: 'EBADF' })
})

t.test('a lock is held by one until it is let go', async (t) => {
  const path = join(t.testdir({ lock: '' }), 'lock')
  const first = openSync(path, 'r+')
  const second = openSync(path, 'r+')
  t.teardown(() => closeSync(second))
  t.ok(tryLock(first))
  t.notOk(tryLock(second))
  closeSync(first)
  t.ok(tryLock(second))
})

t.test('a lock on nothing is an error, not a refusal', async (t) => {
  t.throws(() => tryLock(-1), { message: 'flock: EBADF' })
})

/** Kilobytes of this process that never swap. */
function lockedKb(): number {
  return Number(/VmLck:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

t.test('locked memory is counted by the kernel', linuxOnly, async (t) => {
  const before = lockedKb()
  t.ok(lockMemory(Buffer.allocUnsafeSlow(32)))
  t.ok(lockedKb() > before)
})

t.test('a link leads where it leads, to the last byte', async (t) => {
  const link = join(t.testdir(), 'ä link')
  const to = (target: string): boolean => leadsTo(pathBytes(link), Buffer.from(target))
  t.notOk(to('/usr/bin/git'), 'there is none')
  symlinkSync('/usr/bin/git', link)
  t.ok(to('/usr/bin/git'))
  for (const other of ['/usr/bin/gi', '/usr/bin/gitt', '/usr/bin/gut', 'x'])
    t.notOk(to(other), other)
  rmSync(link)
  const longest = `/${'x'.repeat(4_094)}`
  symlinkSync(longest, link)
  t.ok(to(longest))
  t.notOk(leadsTo(pathBytes(join(link, 'x')), Buffer.from('/')), 'nothing below a file')
  t.throws(() => pathBytes('/a\0b'), TypeError)
})

t.test(
  'a duplicate is another descriptor of the same file, and ours alone',
  linuxOnly,
  async (t) => {
    const file = openSync('/dev/null', 'r')
    t.teardown(() => closeSync(file))
    const other = duplicate(file)
    t.teardown(() => closeSync(other))
    t.not(other, file)
    t.equal(readlinkSync(`/proc/self/fd/${other}`), '/dev/null')
    const O_CLOEXEC = 0o2000000
    const [, flags = ''] =
      /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${other}`, 'utf8')) ?? []
    t.equal(Number.parseInt(flags, 8) & O_CLOEXEC, O_CLOEXEC)
    t.throws(() => duplicate(-1), { message: 'fcntl: EBADF' })
  },
)
