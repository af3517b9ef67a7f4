import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { removeSocketFile, socketFile } from '../../../daemon/listener/socket-file.ts'

t.test('a file is removed while it is the same one', async (t) => {
  const path = join(t.testdir({ one: '' }), 'one')
  const file = socketFile(path)
  if (file === undefined) throw new Error('it is there')
  removeSocketFile(`${path}2`, file)
  writeFileSync(path, 'changed')
  renameSync(path, `${path}2`)
  removeSocketFile(`${path}2`, file)
  t.notOk(existsSync(`${path}2`))
  t.equal(socketFile(path), undefined)
})

t.test('another one stays, though it has the inode that became free', async (t) => {
  const path = join(t.testdir({ one: '' }), 'one')
  const file = socketFile(path)
  if (file === undefined) throw new Error('it is there')
  rmSync(path)
  writeFileSync(path, '')
  removeSocketFile(path, file)
  t.ok(existsSync(path))
  const now = socketFile(path)
  for (const change of [{ device: -1n }, { inode: -1n }, { bornAt: -1n }])
    if (now !== undefined) removeSocketFile(path, { ...now, ...change })
  t.ok(existsSync(path))
})

t.test('what cannot be looked at, or removed, is left there', async (t) => {
  const directory = t.testdir({ one: '', below: {} })
  const file = socketFile(join(directory, 'one'))
  const below = socketFile(join(directory, 'below'))
  if (file === undefined || below === undefined) throw new Error('they are there')
  removeSocketFile(join(directory, 'x'.repeat(300)), file)
  removeSocketFile(join(directory, 'below'), below)
  t.ok(existsSync(join(directory, 'below')), 'no directory is unlinked')
})
