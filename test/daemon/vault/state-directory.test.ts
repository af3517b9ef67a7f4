import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  listRecords,
  prepareStateDirectory,
  readRecordFiles,
  recordDirectory,
  removeRecordFile,
  writeRecordFile,
} from '../../../daemon/vault/state-directory.ts'
import { needsRoot } from '../../needs.ts'

const BYTES = Buffer.from('sealed')

t.test('it is made for the owner only', async (t) => {
  const state = join(t.testdir(), 'parent', 'state')
  t.equal(await prepareStateDirectory(state), undefined)
  t.equal(await prepareStateDirectory(state), undefined)
  for (const directory of [state, recordDirectory(state)])
    t.equal(statSync(directory).mode & 0o777, 0o700)
})

t.test('a symbolic link is refused', async (t) => {
  const directory = t.testdir({ real: {} })
  const state = join(directory, 'state')
  symlinkSync('real', state)
  t.equal(await prepareStateDirectory(state), `"${state}" is a symbolic link`)
  t.same(readdirSync(join(directory, 'real')), [])
})

t.test('a symbolic link to nowhere is refused', async (t) => {
  const state = join(t.testdir(), 'state')
  symlinkSync('nowhere', state)
  t.equal(await prepareStateDirectory(state), `"${state}" is a symbolic link`)
})

t.test('so are records behind a link', async (t) => {
  const state = t.testdir({ elsewhere: {} })
  symlinkSync('elsewhere', recordDirectory(state))
  t.match(await prepareStateDirectory(state), /grants" is a symbolic link/)
})

for (const mode of [0o770, 0o702]) {
  t.test(`a directory of mode ${mode.toString(8)} is refused`, async (t) => {
    const state = t.testdir()
    chmodSync(state, mode)
    t.equal(await prepareStateDirectory(state), `others can write to "${state}"`)
    t.same(readdirSync(state), [])
  })
}

t.test('what is no directory is refused', async (t) => {
  const state = join(t.testdir({ state: '' }), 'state')
  t.equal(await prepareStateDirectory(state), `"${state}" is not a directory`)
})

const rootOnly = needsRoot()
t.test('somebody else’s directory is refused', rootOnly, async (t) => {
  const state = t.testdir()
  chownSync(state, 4242, 4242)
  t.equal(await prepareStateDirectory(state), `"${state}" belongs to somebody else`)
})

t.test('an error of the system is an error', async (t) => {
  const state = join(t.testdir({ file: '' }), 'file', 'state')
  await t.rejects(prepareStateDirectory(state), { code: 'ENOTDIR' })
  await t.rejects(listRecords(state), { code: 'ENOTDIR' })
})

t.test('leftovers of a killed daemon are swept', async (t) => {
  const state = t.testdir({ grants: { '.a.grant.4242.0123456789ab': '', 'a.grant': '' } })
  chmodSync(state, 0o700)
  chmodSync(recordDirectory(state), 0o700)
  await prepareStateDirectory(state)
  t.same(readdirSync(recordDirectory(state)), ['a.grant'])
})

t.test('records are written, listed, read and removed', async (t) => {
  const state = t.testdir()
  chmodSync(state, 0o700)
  t.same(await listRecords(state), [], 'none before there is a directory')
  await prepareStateDirectory(state)
  await writeRecordFile(state, 'b', BYTES)
  await writeRecordFile(state, 'a', BYTES)
  writeFileSync(join(recordDirectory(state), 'note.txt'), '')
  t.same(await listRecords(state), ['a', 'b'])
  t.equal(statSync(join(recordDirectory(state), 'a.grant')).mode & 0o777, 0o600)
  const { readable, broken } = await readRecordFiles(state)
  t.same(readable, [
    { id: 'a', sealed: BYTES },
    { id: 'b', sealed: BYTES },
  ])
  t.same(broken, [])
  await removeRecordFile(state, 'a')
  t.same(await listRecords(state), ['b'])
})

t.test('what cannot be a record is broken, and hides no other', async (t) => {
  const state = t.testdir({ grants: { 'a.grant': 'sealed', 'huge.grant': '' }, secret: 'x' })
  const records = recordDirectory(state)
  truncateSync(join(records, 'huge.grant'), 8_388_609)
  mkdirSync(join(records, 'dir.grant'))
  symlinkSync('../secret', join(records, 'link.grant'))
  execFileSync('mkfifo', [join(records, 'pipe.grant')])
  const { readable, broken } = await readRecordFiles(state)
  t.same(readable, [{ id: 'a', sealed: BYTES }])
  const reason = 'no file, or longer than any record'
  t.same(broken, [
    { file: 'dir.grant', reason },
    { file: 'huge.grant', reason },
    { file: 'link.grant', reason: 'cannot be read: ELOOP', isUnread: true },
    { file: 'pipe.grant', reason },
  ])
  t.equal(readFileSync(join(state, 'secret'), 'utf8'), 'x')
})
