import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { type Onlooker, trustSocket } from '#sdk/trust-socket'
import { rawServer, socketDirectory } from '../fakes/sdk-socket.ts'
import { needsRoot } from '../needs.ts'

const untrusted = (message: RegExp | string) => ({
  name: 'GrantdUnreachableError',
  reason: 'untrusted',
  message,
})

const asRoot = needsRoot()

function onlooker(change: Partial<Onlooker> = {}): Onlooker {
  return { uid: process.getuid?.(), platform: 'linux', lstat: (path) => lstatSync(path), ...change }
}

t.test('our own socket in our own directory is trusted', async (t) => {
  const { path } = await rawServer(t, () => {})
  t.doesNotThrow(() => trustSocket(path))
})

t.test('a socket of another uid is refused', asRoot, async (t) => {
  const { path } = await rawServer(t, () => {})
  chownSync(path, 12_345, 12_345)
  t.throws(() => trustSocket(path), untrusted(/belongs to uid 12345, not to us \(uid 0\)/))
})

t.test('a directory of another uid is refused', asRoot, async (t) => {
  const { path } = await rawServer(t, () => {})
  chownSync(dirname(path), 12_345, 12_345)
  t.throws(() => trustSocket(path), untrusted(/belongs to uid 12345/))
})

t.test('our own socket in a directory of root’s is trusted', asRoot, async (t) => {
  const { path } = await rawServer(t, () => {})
  chownSync(path, 12_345, 12_345)
  const us = onlooker({ uid: 12_345 })
  chmodSync(dirname(path), 0o755)
  t.doesNotThrow(() => trustSocket(path, us))
  chmodSync(dirname(path), 0o775)
  t.throws(() => trustSocket(path, us), untrusted(/others can write/))
  chmodSync(dirname(path), 0o755)
  chownSync(path, 0, 0)
  t.throws(() => trustSocket(path, us), untrusted(/belongs to uid 0, not to us/))
})

t.test('another uid than ours is refused', async (t) => {
  const { path } = await rawServer(t, () => {})
  t.throws(() => trustSocket(path, onlooker({ uid: 54_321 })), untrusted(/not to us \(uid 54321\)/))
})

t.test('a directory that others can write to is refused', async (t) => {
  const { path } = await rawServer(t, () => {})
  for (const mode of [0o720, 0o702]) {
    chmodSync(dirname(path), mode)
    t.throws(() => trustSocket(path), { ...untrusted(/others can write/), hint: /^chmod 700 \// })
  }
})

t.test('a link to our own socket is refused, and so is a link to its directory', async (t) => {
  const { path } = await rawServer(t, () => {})
  const directory = socketDirectory(t)
  const link = join(directory, 'link.sock')
  symlinkSync(path, link)
  t.throws(() => trustSocket(link), untrusted(/link\.sock" is not a socket/))
  symlinkSync(dirname(path), join(directory, 'd'))
  t.throws(() => trustSocket(join(directory, 'd', 'broker.sock')), untrusted(/is not a directory/))
})

t.test('a plain file or directory is no socket', async (t) => {
  const directory = socketDirectory(t)
  writeFileSync(join(directory, 'file'), '')
  mkdirSync(join(directory, 'folder'))
  for (const name of ['file', 'folder'])
    t.throws(() => trustSocket(join(directory, name)), untrusted(/is not a socket/))
})

t.test('nothing at the path means that the daemon does not run', async (t) => {
  const path = join(socketDirectory(t), 'none', 'broker.sock')
  t.throws(() => trustSocket(path), {
    name: 'GrantdUnreachableError',
    reason: 'not_running',
    hint: 'start it: grantd serve',
  })
})

t.test('a path that the kernel would read differently is refused', async (t) => {
  t.throws(() => trustSocket('run/broker.sock'), untrusted(/is not absolute/))
  t.throws(() => trustSocket('/run/a\0b'), untrusted(/holds a NUL/))
  t.throws(() => trustSocket(`/${'ü'.repeat(54)}`, onlooker()), untrusted(/longer than 107 bytes/))
  const mac = onlooker({ platform: 'darwin' })
  t.throws(() => trustSocket(`/${'x'.repeat(103)}`, mac), untrusted(/longer than 103 bytes/))
})

t.test('a platform without uids is refused', async (t) => {
  t.throws(() => trustSocket('/x', onlooker({ uid: undefined })), untrusted(/no owners/))
})
