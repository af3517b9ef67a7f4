import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { thisMachine } from '../../cli/service-machine.ts'
import { UNIT_NAMES } from '../../cli/systemd-units.ts'
import { needsRoot } from '../needs.ts'

t.test('the program is named without links, and its templates came with it', async (t) => {
  const { node, script } = await thisMachine.program()
  t.equal(node, realpathSync(process.execPath))
  t.equal(script, realpathSync(process.argv[1] ?? ''))
  for (const name of UNIT_NAMES)
    t.match(await thisMachine.template(`systemd/${name}`), /^\[Unit\]\n/)
  t.match(await thisMachine.template('launchd/dev.grantd.agent.plist'), /^<\?xml /)
  t.ok(thisMachine.knowsOption('--max-old-space-size'))
  t.notOk(thisMachine.knowsOption('--no-such-option'))
})

t.test('a file is replaced in one step, in a directory that may be new', async (t) => {
  const directory = t.testdir({})
  const path = join(directory, 'new', 'unit')
  t.equal(await thisMachine.read(path), undefined)
  await thisMachine.write(path, 'one')
  await thisMachine.write(path, 'two')
  t.equal(await thisMachine.read(path), 'two')
  t.equal(statSync(path).mode & 0o133, 0)
  const link = join(directory, 'link')
  writeFileSync(join(directory, 'target'), 'theirs')
  symlinkSync(join(directory, 'target'), link)
  await thisMachine.write(link, 'ours')
  t.equal(await thisMachine.read(join(directory, 'target')), 'theirs', 'no link is followed')
  await thisMachine.remove(path)
  await thisMachine.remove(path)
  t.equal(await thisMachine.read(path), undefined)
})

t.test('what is no file has no text, and holds nobody up', async (t) => {
  const directory = t.testdir({})
  const pipe = join(directory, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const path of [pipe, directory, '/dev/null']) t.equal(await thisMachine.read(path), '', path)
  await t.rejects(thisMachine.read(join('/dev/null', 'unit')), { code: 'ENOTDIR' })
})

t.test('whoever writes the same file at once writes all of it, and leaves nothing', async (t) => {
  const directory = t.testdir({ theirs: 'theirs', 'unit.new': t.fixture('symlink', 'theirs') })
  const path = join(directory, 'unit')
  const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(1_000_000))
  await Promise.all(texts.map((text) => thisMachine.write(path, text)))
  t.ok(texts.includes((await thisMachine.read(path)) ?? ''))
  t.equal(
    await thisMachine.read(join(directory, 'theirs')),
    'theirs',
    'no planted link is followed',
  )
  t.same(readdirSync(directory).toSorted(), ['theirs', 'unit', 'unit.new'])
  mkdirSync(join(directory, 'taken', 'by'), { recursive: true })
  await t.rejects(thisMachine.write(join(directory, 'taken'), 'text'))
  t.same(readdirSync(directory).toSorted(), ['taken', 'theirs', 'unit', 'unit.new'])
})

t.test('a program says how it ended, or that it could not be started', async (t) => {
  const shell = (script: string) => thisMachine.run('sh', ['-c', script])
  t.same(await shell('echo out; echo err >&2'), { status: 0, stdout: 'out\n', stderr: 'err\n' })
  t.match(await shell('exit 3'), { status: 3 })
  t.match(await shell('kill -KILL $$'), { status: undefined })
  t.match(await thisMachine.run('no-such-program', []), { status: undefined, stdout: '' })
})

t.test('what others than root can change on the way to a file is told', needsRoot(), async (t) => {
  t.equal(await thisMachine.changeable('/usr/bin/env'), undefined)
  const directory = realpathSync(t.testdir({}))
  const file = join(directory, 'd', 'file')
  mkdirSync(join(directory, 'd'))
  writeFileSync(file, '')
  chmodSync(file, 0o664)
  t.equal(await thisMachine.changeable(file), file)
  chmodSync(file, 0o644)
  chownSync(join(directory, 'd'), 12_345, 0)
  t.equal(await thisMachine.changeable(file), join(directory, 'd'))
  chownSync(join(directory, 'd'), 0, 0)
  chmodSync(join(directory, 'd'), 0o1777)
  t.equal(await thisMachine.changeable(file), join(directory, 'd'))
  chmodSync(join(directory, 'd'), 0o755)
  symlinkSync('/nowhere', join(directory, 'd', 'link'))
  chmodSync(file, 0o646)
  t.equal(await thisMachine.changeable(directory), file, 'what is below a directory counts')
  chmodSync(file, 0o644)
  // who may change what is above a test is none of its business
  t.not(await thisMachine.changeable(directory), file)
})

t.test('what of ours runs is there', async (t) => {
  const code = await thisMachine.code()
  t.ok(code.some((path) => path.endsWith('/dist')))
  t.ok(code.some((path) => path.endsWith('/koffi')))
  for (const path of code) t.ok(existsSync(path), path)
})
