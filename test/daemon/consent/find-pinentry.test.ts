import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findPinentry, programProblem } from '../../../daemon/consent/find-pinentry.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

const UID = process.getuid?.() ?? -1

t.test('a program that somebody else can replace is not started', async (t) => {
  const directory = shortDirectory(t)
  const path = join(directory, 'pinentry')
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o700 })
  t.equal(programProblem(path, UID), undefined)
  symlinkSync(path, join(directory, 'link'))
  t.equal(programProblem(join(directory, 'link'), UID), undefined)
  t.equal(programProblem('/bin/sh', UID), undefined, 'root’s')
  chmodSync(path, 0o720)
  t.match(programProblem(path, UID), /can be written by others/)
  chmodSync(path, 0o702)
  t.match(programProblem(path, UID), /can be written by others/)
  chmodSync(path, 0o600)
  t.match(programProblem(path, UID), /cannot be used: EACCES/, 'root needs an x too')
  mkdirSync(join(directory, 'd'), { mode: 0o700 })
  t.match(programProblem(join(directory, 'd'), UID), /is not a file/)
  t.match(programProblem(join(directory, 'nothing'), UID), /cannot be used: ENOENT/)
  t.match(programProblem('pinentry', UID), /is not an absolute path/)
  t.match(programProblem('/nul\0', UID), /cannot be used/)
})

t.test('the one that was named, and no other in its place', async (t) => {
  const path = join(shortDirectory(t), 'pinentry')
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o700 })
  t.same(findPinentry(path, UID, ['/bin/sh']), { path })
  t.match(findPinentry(`${path}2`, UID, ['/bin/sh']), { problem: /^pinentry: .*ENOENT/ })
  t.same(findPinentry(undefined, UID, [`${path}2`, path, '/bin/sh']), { path })
  t.same(findPinentry(undefined, UID, []), { problem: 'no pinentry is installed' })
  t.type(findPinentry(undefined, UID), 'object')
})

t.test('another owner’s program is not started', async (t) => {
  const path = join(shortDirectory(t), 'pinentry')
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o700 })
  // root may do as it likes, and its file would be root's
  if (UID === 0) chownSync(path, 65_534, 65_534)
  t.match(programProblem(path, UID === 0 ? 0 : UID + 1), /belongs to uid \d+/)
})
