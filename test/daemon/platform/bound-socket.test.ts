import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { boundSocket, unixAddress } from '../../../daemon/platform/bound-socket.ts'
import { closeFd } from '../../../daemon/platform/libc.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'
import { needsLinux } from '../../needs.ts'

t.test('a socket is bound, and Node leaves its file alone', async (t) => {
  const path = join(shortDirectory(t), 'söcket')
  const fd = boundSocket(path)
  t.ok(statSync(path).isSocket())
  const server = createServer((socket) => socket.end()).listen({ fd })
  await once(server, 'listening')
  const client = connect(path).resume()
  await once(client, 'close')
  server.close()
  await once(server, 'close')
  t.ok(existsSync(path))
  t.throws(() => boundSocket(path), { message: 'bind: EADDRINUSE', code: 'EADDRINUSE' })
  t.throws(() => boundSocket(join(path, 'below')), { message: 'bind: ENOTDIR' })
})

t.test('no program that we start gets it', needsLinux(), async (t) => {
  const fd = boundSocket(join(shortDirectory(t), 's'))
  t.teardown(() => closeFd(fd))
  const [, flags = ''] =
    /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
  t.equal(Number.parseInt(flags, 8) & 0o2000000, 0o2000000)
})

t.test('an address is what the system says it is', async (t) => {
  t.same(unixAddress('/a', 'linux'), Buffer.from([1, 0, 0x2f, 0x61, 0]))
  t.same(unixAddress('/a', 'darwin'), Buffer.from([5, 1, 0x2f, 0x61, 0]))
  for (const [platform, limit] of [
    ['linux', 107],
    ['darwin', 103],
  ] as const) {
    t.equal(unixAddress('x'.repeat(limit), platform).length, limit + 3)
    t.throws(() => unixAddress('x'.repeat(limit + 1), platform), { name: 'TypeError' })
  }
  t.throws(() => unixAddress('/a\0b'), { name: 'TypeError' })
})
