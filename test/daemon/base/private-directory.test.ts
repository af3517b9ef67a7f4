import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { judgeDirectory, requirePrivateDirectory } from '../../../daemon/base/private-directory.ts'
import { StartupError } from '../../../daemon/base/startup-error.ts'
import { needsRoot } from '../../needs.ts'

const uid = process.getuid?.() ?? -1

t.test('a missing directory is made with its parents, for us alone', async (t) => {
  const base = t.testdir()
  const path = join(base, 'state', 'grantd')
  requirePrivateDirectory(path, uid)
  t.equal(statSync(path).mode & 0o777, 0o700)
  t.equal(statSync(join(base, 'state')).mode & 0o777, 0o700)
  t.doesNotThrow(() => requirePrivateDirectory(path, uid), 'a second time it is found in order')
})

t.test('whatever is not ours alone is refused, with what to do', async (t) => {
  const base = t.testdir({ file: '', target: {} })
  chmodSync(join(base, 'target'), 0o700)
  symlinkSync('target', join(base, 'link'))
  symlinkSync('nowhere', join(base, 'dangling'))
  const table: readonly (readonly [name: string, message: RegExp, hint: RegExp | undefined])[] = [
    ['file', /is not a directory$/, /^move ".*file" away$/],
    ['link', /is a symbolic link$/, /^name the directory itself$/],
    ['link/', /is a symbolic link$/, /^name the directory itself$/],
    ['dangling', /is a symbolic link$/, /^name the directory itself$/],
    ['file/below', /cannot be made: ENOTDIR$/, undefined],
  ]
  for (const [name, message, hint] of table) {
    const path = `${base}/${name}`
    const error = t.throws(() => requirePrivateDirectory(path, uid)) as StartupError
    t.ok(error instanceof StartupError, name)
    t.match(error.message, message, name)
    t.ok(error.message.startsWith(`"${path}" `), 'the directory is named')
    if (hint === undefined) t.equal(error.hint, undefined)
    else t.match(error.hint, hint)
  }
  t.notOk(existsSync(join(base, 'nowhere')), 'a link to nothing is not filled')
})

t.test('every bit that lets others in is refused', async (t) => {
  const path = join(t.testdir(), 'd')
  mkdirSync(path, { mode: 0o700 })
  for (const bit of [0o001, 0o002, 0o004, 0o010, 0o020, 0o040]) {
    chmodSync(path, 0o700 | bit)
    const mode = (0o700 | bit).toString(8)
    t.throws(() => requirePrivateDirectory(path, uid), {
      message: `"${path}" is open to others (mode ${mode})`,
      hint: `chmod 700 "${path}"`,
    })
  }
  for (const mode of [0o700, 0o2700, 0o1700]) {
    chmodSync(path, mode)
    t.equal(judgeDirectory(lstatSync(path), uid), undefined, mode.toString(8))
  }
})

t.test("somebody else's directory is refused", async (t) => {
  const path = join(t.testdir(), 'd')
  mkdirSync(path, { mode: 0o700 })
  const problem = judgeDirectory(lstatSync(path), uid + 1)
  t.equal(problem?.what, `belongs to uid ${uid}`)
  t.match(problem?.hint(path), /--runtime-dir, --state-dir/)
})

t.test('even root does not use what belongs to another', needsRoot(), async (t) => {
  const path = join(t.testdir(), 'd')
  mkdirSync(path, { mode: 0o700 })
  chownSync(path, 65_534, 65_534)
  t.throws(() => requirePrivateDirectory(path, 0), { message: /belongs to uid 65534$/ })
  chownSync(path, 0, 0)
  writeFileSync(join(path, 'x'), '')
  requirePrivateDirectory(path, 0)
})
