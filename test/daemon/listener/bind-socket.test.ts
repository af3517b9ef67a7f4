import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type ListenOptions, Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bindSocket } from '../../../daemon/listener/bind-socket.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

const uid = process.getuid?.() ?? -1

function server(t: Test): Server {
  const made = createServer()
  t.teardown(() => made.close())
  return made
}

/** A socket that nobody answers any more, as a killed daemon leaves it. */
async function leaveStale(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(process.argv[1], () => console.log())`
  const child = spawn(process.execPath, ['-e', program, path])
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A server that tells what mode its socket has before anybody can connect. */
class WatchedServer extends Server {
  mode: number | undefined
  readonly #path: string

  constructor(path: string) {
    super()
    this.#path = path
  }

  override listen(...options: readonly unknown[]): this {
    this.mode = statSync(this.#path).mode & 0o777
    return super.listen(...(options as [ListenOptions]))
  }
}

t.test('the socket is ours alone from the first instant, under any umask', async (t) => {
  const path = join(shortDirectory(t), 's')
  const before = process.umask(0)
  try {
    const made = new WatchedServer(path)
    t.teardown(() => made.close())
    await bindSocket(made, path, uid)
    t.equal(made.mode, 0o600, 'a chmod afterwards would come too late')
    t.equal(statSync(path).mode & 0o777, 0o600)
    t.equal(process.umask(), 0, 'the umask is as it was')
  } finally {
    process.umask(before)
  }
})

t.test('a socket left behind by a killed daemon is taken over', async (t) => {
  const path = join(shortDirectory(t), 's')
  await leaveStale(path)
  t.ok(existsSync(path))
  const made = server(t)
  await bindSocket(made, path, uid)
  t.ok(made.listening)
})

t.test('a socket that answers is refused and left alone', async (t) => {
  const path = join(shortDirectory(t), 's')
  await bindSocket(server(t), path, uid)
  const { ino } = lstatSync(path)
  await t.rejects(bindSocket(server(t), path, uid), {
    name: 'StartupError',
    message: `something already answers at "${path}"`,
  })
  t.equal(lstatSync(path).ino, ino)
})

t.test('what is no socket of ours is refused and left alone', async (t) => {
  const here = shortDirectory(t)
  writeFileSync(join(here, 'file'), 'keep me')
  mkdirSync(join(here, 'directory'))
  await bindSocket(server(t), join(here, 'live'), uid)
  symlinkSync(join(here, 'live'), join(here, 'link'))
  symlinkSync(join(here, 'nowhere'), join(here, 'dangling'))
  for (const name of ['file', 'directory', 'link', 'dangling']) {
    const path = join(here, name)
    await t.rejects(
      bindSocket(server(t), path, uid),
      { name: 'StartupError', message: `"${path}" is not a socket of ours` },
      name,
    )
    t.ok(lstatSync(path))
  }
  await leaveStale(join(here, 'foreign'))
  await t.rejects(bindSocket(server(t), join(here, 'foreign'), uid + 1), { name: 'StartupError' })
})

t.test('a path that the kernel would cut short is refused', async (t) => {
  const limit = process.platform === 'darwin' ? 103 : 107
  const here = shortDirectory(t)
  const longest = join(here, 'x'.repeat(limit - here.length - 1))
  await t.rejects(bindSocket(server(t), `${longest}y`, uid), {
    name: 'StartupError',
    message: new RegExp(`longer than ${limit} bytes`),
  })
  t.notOk(existsSync(longest))
  await bindSocket(server(t), longest, uid)
  t.ok(existsSync(longest), 'bytes count, and the longest that fits is taken')
})

t.test('in the end its file goes, unless another process has bound the path since', async (t) => {
  const path = join(shortDirectory(t), 's')
  const closed = async (made: Server): Promise<void> => {
    made.close()
    await once(made, 'close')
  }
  const alone = server(t)
  await bindSocket(alone, path, uid)
  await closed(alone)
  t.notOk(existsSync(path))
  const first = server(t)
  await bindSocket(first, path, uid)
  unlinkSync(path)
  const second = server(t)
  await bindSocket(second, path, uid)
  await closed(first)
  t.ok(existsSync(path), 'it is the other one’s')
  const client = connect(path)
  t.teardown(() => client.destroy())
  await once(client, 'connect')
  const gone = server(t)
  await bindSocket(gone, `${path}2`, uid)
  unlinkSync(`${path}2`)
  await closed(gone)
})

t.test('what cannot be bound is told in a sentence', async (t) => {
  const path = join(shortDirectory(t), 'nowhere', 's')
  await t.rejects(bindSocket(server(t), path, uid), {
    name: 'StartupError',
    message: /^cannot listen at .*: E[A-Z]+$/,
  })
})

t.test('a socket that cannot be given to its group is told in a sentence', async (t) => {
  const path = join(shortDirectory(t), 's')
  await t.rejects(bindSocket(server(t), path, uid, -5), {
    name: 'StartupError',
    message: /cannot be given to the group -5/,
  })
})

t.test('a socket nobody may connect to is stale too', async (t) => {
  const here = shortDirectory(t)
  const path = join(here, 's')
  await leaveStale(path)
  chmodSync(path, 0)
  // root may connect to any socket, so it is somebody else meanwhile
  const user = uid === 0 ? 65_534 : uid
  if (uid === 0) for (const one of [here, path]) chownSync(one, user, user)
  process.seteuid?.(user)
  try {
    await t.rejects(reached(path), { code: 'EACCES' })
    const made = server(t)
    await bindSocket(made, path, user)
    t.ok(made.listening)
  } finally {
    process.seteuid?.(uid)
  }
})

async function reached(path: string): Promise<void> {
  await once(connect(path), 'connect')
}
