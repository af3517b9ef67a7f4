import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  removeDurable,
  sweepLeftovers,
  writeDurable,
} from '../../../daemon/platform/durable-file.ts'

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
