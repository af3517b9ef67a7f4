import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { requireSettledDirectory } from '../../../daemon/listener/settled-directory.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'
import { needsRoot } from '../../needs.ts'

const OURS = 12_345

t.test('a directory of ours has to be closed', needsRoot(), async (t) => {
  const path = join(shortDirectory(t), 'd')
  mkdirSync(path)
  chownSync(path, OURS, OURS)
  for (const [mode, isFit] of [
    [0o700, true],
    [0o755, false],
    [0o770, false],
  ] as const) {
    chmodSync(path, mode)
    const look = () => requireSettledDirectory(path, OURS)
    if (isFit) t.doesNotThrow(look)
    else t.throws(look, { name: 'StartupError', message: /is open to others/ })
  }
})

t.test('one of root’s may be open, but nobody else writes there', needsRoot(), async (t) => {
  const path = join(shortDirectory(t), 'd')
  mkdirSync(path)
  for (const [mode, isFit] of [
    [0o755, true],
    [0o700, true],
    [0o775, false],
    [0o757, false],
    [0o1777, false],
  ] as const) {
    chmodSync(path, mode)
    const look = () => requireSettledDirectory(path, OURS)
    if (isFit) t.doesNotThrow(look)
    else t.throws(look, { name: 'StartupError', message: /belongs to uid 0/ }, mode.toString(8))
  }
})

t.test('anybody else’s, a link and a file are refused', needsRoot(), async (t) => {
  const directory = shortDirectory(t)
  const path = join(directory, 'd')
  mkdirSync(path)
  symlinkSync(path, join(directory, 'link'))
  t.throws(() => requireSettledDirectory(`${directory}/link/`, OURS), { name: 'StartupError' })
  chownSync(path, OURS + 1, OURS + 1)
  t.throws(() => requireSettledDirectory(path, OURS), { message: /belongs to uid 12346/ })
  t.throws(() => requireSettledDirectory(process.execPath, OURS), { name: 'StartupError' })
})
