import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { StartupError } from '../../../daemon/base/startup-error.ts'
import { takeLock } from '../../../daemon/listener/own-lock.ts'
import { limitFileSize } from '../../fakes/limit-file-size.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'
import { needs } from '../../needs.ts'

const MODULE = new URL('../../../daemon/listener/own-lock.js', import.meta.url).href

/** Another process that has taken a lock. */
async function holder(path: string): Promise<ChildProcess> {
  const program = `
    const { takeLock } = await import(${JSON.stringify(MODULE)})
    takeLock(process.argv[1])
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, path])
  await once(child.stdout, 'data')
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

t.test('a lock has one owner, and is free when it is let go', async (t) => {
  const path = join(t.testdir(), 'lock')
  const lock = takeLock(path)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  lock.release()
  takeLock(path).release()
})

t.test('two directories that are one are told apart from two daemons', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'lock')
  const lock = takeLock(path)
  linkSync(path, join(directory, 'same'))
  for (const name of ['lock', 'same'])
    t.throws(() => takeLock(join(directory, name)), {
      name: 'StartupError',
      message: `this process (pid ${process.pid}) holds "${join(directory, name)}" already`,
      hint: /^the runtime directory and the state directory must differ/,
    })
  lock.release()
  const child = await holder(path)
  writeFileSync(path, `${process.pid}\n`)
  t.throws(() => takeLock(path), { message: /^another daemon/ }, 'a pid alone proves nothing')
  await killed(child)
})

t.test('the lock of a killed daemon is free, and it was named while it lived', async (t) => {
  const path = join(t.testdir(), 'lock')
  const child = await holder(path)
  t.throws(() => takeLock(path), {
    name: 'StartupError',
    message: `another daemon (pid ${child.pid}) holds "${path}"`,
    hint: 'one daemon per user is enough; end the other one first',
  })
  await killed(child)
  takeLock(path).release()
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
})

t.test('a lock file that somebody removed makes no room for a second owner', async (t) => {
  const path = join(t.testdir(), 'lock')
  const child = await holder(path)
  rmSync(path)
  t.throws(() => takeLock(path), { message: `another daemon (pid unknown) holds "${path}"` })
  t.notOk(existsSync(path), 'and none is made')
  writeFileSync(path, `${child.pid}\n`)
  t.throws(() => takeLock(path), { message: `another daemon (pid ${child.pid}) holds "${path}"` })
  await killed(child)
  takeLock(path).release()
})

t.test('two locks in one directory have one owner', async (t) => {
  const directory = t.testdir()
  const lock = takeLock(join(directory, 'lock'))
  t.throws(() => takeLock(join(directory, 'other')), { message: /^this process .* already$/ })
  lock.release()
  takeLock(join(directory, 'other')).release()
})

t.test('a longer pid that stood there before is gone', async (t) => {
  const path = join(t.testdir({ lock: '999999999999\n' }), 'lock')
  takeLock(path).release()
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
})

t.test('a holder that wrote no pid is unknown', async (t) => {
  const path = join(t.testdir(), 'lock')
  const child = await holder(path)
  writeFileSync(path, '\u001b[31mnonsense')
  t.throws(() => takeLock(path), { message: /pid unknown/ })
  await killed(child)
})

t.test('what cannot be a lock is refused in a sentence, with what to do', async (t) => {
  const directory = shortDirectory(t)
  const at = (name: string): string => join(directory, name)
  writeFileSync(at('target'), '')
  symlinkSync('target', at('link'))
  mkdirSync(at('directory'))
  execFileSync('/usr/bin/mkfifo', [at('pipe')])
  const server = createServer().listen(at('socket'))
  await once(server, 'listening')
  t.teardown(() => server.close())
  for (const [name, what, hint] of [
    ['link', 'cannot be taken: ELOOP', 'it is a symbolic link; move it away'],
    ['directory', 'cannot be taken: EISDIR', 'it is a directory; move it away'],
    ['socket', 'cannot be taken: ENXIO', 'it is a socket; move it away'],
    ['pipe', 'is not a file', `move "${at('pipe')}" away`],
    ['nowhere/lock', 'cannot be taken: ENOENT', `look at "${at('nowhere/lock')}"`],
  ] as const) {
    const error = t.throws(() => takeLock(at(name))) as StartupError
    t.ok(error instanceof StartupError, name)
    t.equal(error.message, `the lock "${at(name)}" ${what}`)
    t.equal(error.hint, hint)
  }
  t.equal(readFileSync(at('target'), 'utf8'), '')
})

t.test('a lock that no pid can be written to is let go', needs('prlimit'), async (t) => {
  const path = join(t.testdir(), 'lock')
  // the kernel sends a signal and answers EFBIG
  process.on('SIGXFSZ', () => undefined)
  limitFileSize('0')
  let refusal: unknown
  try {
    takeLock(path)
  } catch (error) {
    // nothing is reported yet: the report may be a file too
    refusal = error
  }
  limitFileSize('unlimited')
  t.match(refusal, { name: 'StartupError', message: `the lock "${path}" cannot be taken: EFBIG` })
  takeLock(path).release()
})
