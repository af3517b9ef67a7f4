import {
  chmodSync,
  chownSync,
  mkdirSync,
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
  await t.rejects(thisMachine.read(directory), { code: 'EISDIR' })
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
})
