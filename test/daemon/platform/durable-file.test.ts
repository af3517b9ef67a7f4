import { execFileSync } from 'node:child_process'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  openNextGeneration,
  removeDurable,
  sweepLeftovers,
  syncDirectoryOf,
  writeDurable,
} from '../../../daemon/platform/durable-file.ts'
import { needsLinux } from '../../needs.ts'

t.test('the new bytes replace the old ones, for the owner only', async (t) => {
  const directory = t.testdir({ record: 'old' })
  const path = join(directory, 'record')
  await writeDurable(path, Buffer.from('new'))
  t.equal(readFileSync(path, 'utf8'), 'new')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(readdirSync(directory), ['record'])
})

t.test('another mode is honoured', async (t) => {
  const path = join(t.testdir(), 'record')
  await writeDurable(path, Buffer.from(''), 0o400)
  t.equal(statSync(path).mode & 0o777, 0o400)
})

t.test('a symbolic link is replaced, never followed', async (t) => {
  const directory = t.testdir({ victim: 'theirs' })
  const path = join(directory, 'record')
  symlinkSync('victim', path)
  await writeDurable(path, Buffer.from('ours'))
  t.notOk(lstatSync(path).isSymbolicLink())
  t.equal(readFileSync(join(directory, 'victim'), 'utf8'), 'theirs')
})

t.test('a failed rename leaves no trace', async (t) => {
  const directory = t.testdir({ record: { inside: '' } })
  await t.rejects(writeDurable(join(directory, 'record'), Buffer.from('x')), { code: 'EISDIR' })
  t.same(readdirSync(directory), ['record'])
})

t.test('a missing directory is an error of the write', async (t) => {
  await t.rejects(writeDurable(join(t.testdir(), 'none', 'record'), Buffer.from('x')), {
    code: 'ENOENT',
  })
})

t.test('removing twice is removing once', async (t) => {
  const directory = t.testdir({ record: '', other: '' })
  await removeDurable(join(directory, 'record'))
  await removeDurable(join(directory, 'record'))
  t.same(readdirSync(directory), ['other'])
})

t.test('a sweep takes the leftovers of killed writers and nothing else', async (t) => {
  const directory = t.testdir()
  const leftover = '.a.grant.4242.0123456789ab'
  const kept = ['.hidden', 'a.grant', 'a.grant.4242.0123456789ab', '.a.grant.4242.0123', '.x.1.zz']
  for (const name of [leftover, ...kept]) writeFileSync(join(directory, name), '')
  mkdirSync(join(directory, '.dir.4242.0123456789ab'))
  await sweepLeftovers(directory)
  t.same(readdirSync(directory), [...kept, '.dir.4242.0123456789ab'].sort())
})

/** Every file of a directory with what is in it. */
function contents(directory: string): object {
  const names = readdirSync(directory).sort()
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(`${directory}/${name}`, 'utf8')]),
  )
}

t.test('a new generation takes the place of the last, and only the oldest goes', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'log')
  for (let round = 1; round <= 4; round++) {
    const fd = openNextGeneration(path, 2)
    writeSync(fd, `${round}`)
    closeSync(fd)
    t.equal(statSync(path).mode & 0o777, 0o600)
  }
  t.same(contents(directory), { log: '4', 'log.1': '3', 'log.2': '2' })
})

t.test('a name that is free is filled first', async (t) => {
  const directory = t.testdir({ log: 'b', 'log.2': 'a' })
  closeSync(openNextGeneration(join(directory, 'log'), 3))
  t.same(contents(directory), { log: '', 'log.1': 'b', 'log.2': 'a' })
})

t.test('where a link stood there is a file, and the link is only renamed', async (t) => {
  const directory = t.testdir({ victim: 'theirs' })
  const path = join(directory, 'log')
  symlinkSync('victim', path)
  const fd = openNextGeneration(path, 2)
  writeSync(fd, 'ours')
  closeSync(fd)
  t.notOk(lstatSync(path).isSymbolicLink())
  t.same(contents(directory), { log: 'ours', 'log.1': 'theirs', victim: 'theirs' })
})

t.test('a generation that cannot begin leaves everything where it was', async (t) => {
  const blocked = t.testdir({ log: 'c', 'log.1': 'b', 'log.2': { inside: '' } })
  t.throws(() => openNextGeneration(join(blocked, 'log'), 2), { code: 'EISDIR' })
  t.equal(readFileSync(join(blocked, 'log'), 'utf8'), 'c')
  t.equal(readFileSync(join(blocked, 'log.1'), 'utf8'), 'b')
  t.throws(() => openNextGeneration(join(blocked, 'none', 'log'), 2), { code: 'ENOENT' })
})

t.test('without a descriptor for the new file the old one comes back', needsLinux(), async (t) => {
  const base = t.testdir({ full: { log: 'b', 'log.1': 'a' }, empty: {} })
  const failures: unknown[] = []
  withDescriptors(1, () => {
    for (const path of [join(base, 'full', 'log'), join(base, 'empty', 'log')])
      try {
        openNextGeneration(path, 4)
      } catch (error) {
        failures.push(error)
      }
  })
  t.match(failures, [{ code: 'EMFILE' }, { code: 'EMFILE' }])
  t.same(contents(join(base, 'full')), { log: 'b', 'log.2': 'a' })
  t.same(contents(join(base, 'empty')), {})
})

t.test('a directory that is not there cannot be synced', async (t) => {
  const directory = t.testdir()
  syncDirectoryOf(join(directory, 'any'))
  t.throws(() => syncDirectoryOf(join(directory, 'none', 'any')), { code: 'ENOENT' })
})

/** Runs with so many free descriptors and no more. */
function withDescriptors(free: number, work: () => void): void {
  const limit = (count: string): void =>
    void execFileSync('/usr/bin/prlimit', ['--pid', `${process.pid}`, `--nofile=${count}:`])
  const before = execFileSync('/bin/sh', ['-c', 'ulimit -Sn'], { encoding: 'utf8' }).trim()
  limit('128')
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    for (let i = 0; i < free; i++) closeSync(taken.pop() ?? -1)
  }
  try {
    work()
  } finally {
    for (const fd of taken) closeSync(fd)
    limit(before)
  }
}
