import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { takeLock } from '../../../daemon/listener/own-lock.ts'

const MODULE = new URL('../../../daemon/listener/own-lock.js', import.meta.url).href

t.test('a lock has one owner, names it, and is free when it is let go', async (t) => {
  const path = join(t.testdir(), 'lock')
  const lock = takeLock(path)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  t.throws(() => takeLock(path), {
    name: 'StartupError',
    message: `another daemon (pid ${process.pid}) holds "${path}"`,
  })
  lock.release()
  takeLock(path).release()
})

t.test('the lock of a killed daemon is free, and it was named while it lived', async (t) => {
  const path = join(t.testdir(), 'lock')
  const program = `
    const { takeLock } = await import(${JSON.stringify(MODULE)})
    takeLock(process.argv[1])
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, path])
  await once(child.stdout, 'data')
  t.throws(() => takeLock(path), { message: new RegExp(`pid ${child.pid}\\)`) })
  child.kill('SIGKILL')
  await once(child, 'exit')
  takeLock(path).release()
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
})

t.test('a longer pid that stood there before is gone', async (t) => {
  const path = join(t.testdir({ lock: '999999999999\n' }), 'lock')
  takeLock(path).release()
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
})

t.test('a holder that wrote no pid is unknown', async (t) => {
  const path = join(t.testdir(), 'lock')
  const lock = takeLock(path)
  writeFileSync(path, '\u001b[31mnonsense')
  t.throws(() => takeLock(path), { message: /pid unknown/ })
  lock.release()
})

t.test('a lock that is a link, or in no directory, is refused in a sentence', async (t) => {
  const directory = t.testdir({ target: '' })
  const path = join(directory, 'lock')
  symlinkSync(join(directory, 'target'), path)
  t.throws(() => takeLock(path), { name: 'StartupError', message: /ELOOP/ })
  t.throws(() => takeLock(join(directory, 'nowhere', 'lock')), {
    name: 'StartupError',
    message: /ENOENT/,
  })
})
