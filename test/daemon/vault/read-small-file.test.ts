import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readSmallFile } from '../../../daemon/vault/read-small-file.ts'

t.test('a file is read, and none is nothing', async (t) => {
  const directory = t.testdir({ file: 'bytes' })
  t.same(await readSmallFile(join(directory, 'file')), Buffer.from('bytes'))
  t.equal(await readSmallFile(join(directory, 'none')), undefined)
})

t.test('what cannot be ours counts as there, and nobody waits for it', async (t) => {
  const directory = t.testdir({ directory: {}, long: 'x'.repeat(65_537), file: 'bytes' })
  execFileSync('/usr/bin/mkfifo', [join(directory, 'pipe')])
  for (const name of ['directory', 'long', 'pipe'])
    t.same(await readSmallFile(join(directory, name)), Buffer.alloc(0), name)
  symlinkSync('file', join(directory, 'link'))
  await t.rejects(readSmallFile(join(directory, 'link')), { code: 'ELOOP' })
})
