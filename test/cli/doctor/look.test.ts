import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { look, readText, realPath } from '../../../cli/doctor/look.ts'

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'grantd-look-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

t.test('what stands at a path', async (t) => {
  const base = directory(t)
  const file = join(base, 'file')
  writeFileSync(file, '', { mode: 0o640 })
  symlinkSync(base, join(base, 'link'))
  const server = createServer()
  const socket = join(base, 'socket')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.teardown(() => server.close())
  const uid = process.getuid?.()
  t.match(await look(base), { kind: 'present', type: 'directory', mode: 0o700, uid })
  t.match(await look(file), { kind: 'present', type: 'other', mode: 0o640 })
  t.match(await look(join(base, 'link')), { type: 'other' }, 'a link is not followed')
  t.match(await look(socket), { type: 'socket' })
  t.same(await look(join(base, 'none')), { kind: 'missing' })
  t.match(await look(join(file, 'none')), { kind: 'unreadable', detail: /ENOTDIR/ })
})

t.test('the text of a file, of what is a file only', async (t) => {
  const base = directory(t)
  const file = join(base, 'file')
  writeFileSync(file, 'words\n')
  t.same(await readText(file), { kind: 'text', text: 'words\n' })
  t.same(await readText(join(base, 'none')), { kind: 'missing' })
  t.match(await readText(join(file, 'none')), { kind: 'unreadable' })
  t.match(await readText(base), { kind: 'unreadable', detail: 'not a file' })
  writeFileSync(file, 'x'.repeat(70_000))
  const long = await readText(file)
  t.equal(long.kind === 'text' && long.text.length, 65_536, 'no more than fits')
})

t.test('a pipe that nobody writes to holds up nothing', async (t) => {
  const pipe = join(directory(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  t.match(await readText(pipe), { kind: 'unreadable', detail: 'not a file' })
})

t.test('a path without links', async (t) => {
  const base = directory(t)
  mkdirSync(join(base, 'a'))
  symlinkSync(join(base, 'a'), join(base, 'b'))
  t.equal(await realPath(join(base, 'b')), await realPath(join(base, 'a')))
  t.match(await realPath(join(base, 'b')), /\/a$/)
  t.equal(await realPath(join(base, 'none')), undefined)
})
