import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { textHash } from '../../../daemon/base/text-hash.ts'
import { readOwnFile, unusable } from '../../../daemon/config/read-own-file.ts'

const uid = process.getuid?.() ?? -1

t.test('a file of ours is read', async (t) => {
  const path = join(t.testdir(), 'x.toml')
  t.same(readOwnFile(path, uid), { kind: 'absent' })
  writeFileSync(path, 'café', { mode: 0o600 })
  t.match(readOwnFile(path, uid), {
    kind: 'text',
    text: 'café',
    hash: textHash(Buffer.from('café')),
    changedAt: Number,
  })
})

t.test('what others could have written, and what is no text, is not taken', async (t) => {
  const directory = t.testdir()
  const at = (name: string): string => join(directory, name)
  const files: readonly (readonly [string, string | Uint8Array, number, string])[] = [
    ['group', 'x', 0o620, 'can be written by others; chmod go-w'],
    ['others', 'x', 0o602, 'can be written by others; chmod go-w'],
    ['latin1', Uint8Array.of(0xe9), 0o600, 'is not UTF-8'],
    ['long', 'x'.repeat(65_537), 0o600, 'is longer than 65536 bytes'],
  ]
  for (const [name, content, mode, what] of files) {
    writeFileSync(at(name), content)
    chmodSync(at(name), mode)
    t.same(readOwnFile(at(name), uid), unusable(what), name)
  }
  mkdirSync(at('directory'))
  t.same(readOwnFile(at('directory'), uid), unusable('is not a file'))
  execFileSync('mkfifo', [at('pipe')])
  t.same(readOwnFile(at('pipe'), uid), unusable('is not a file'), 'and nobody waits for it')
  symlinkSync('nowhere', at('link'))
  t.same(readOwnFile(at('link'), uid), unusable('is a symbolic link to nothing'))
  t.same(readOwnFile(join(at('long'), 'x'), uid), unusable('cannot be read: ENOTDIR'))
  if (uid !== 0) {
    writeFileSync(at('mine'), 'x', { mode: 0o600 })
    t.same(readOwnFile(at('mine'), uid + 1), unusable(`belongs to uid ${uid}`))
  }
})
