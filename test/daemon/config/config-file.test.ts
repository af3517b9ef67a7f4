import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { textHash } from '../../../daemon/base/text-hash.ts'
import { ConfigFile } from '../../../daemon/config/config-file.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { needsRoot } from '../../needs.ts'

const uid = process.getuid?.() ?? -1

interface World {
  readonly directory: string
  readonly path: string
  readonly config: ConfigFile
  readonly clock: FakeClock
  /** Writes the file in place; then a second goes by. */
  readonly write: (text: string) => void
  /** A second goes by. */
  readonly later: () => void
}

function world(t: Test, owner = uid): World {
  const directory = t.testdir()
  const path = join(directory, 'config.toml')
  const clock = new FakeClock()
  const later = (): void => clock.advance(1_000)
  return {
    directory,
    path,
    clock,
    config: new ConfigFile({ path, uid: owner, clock }),
    later,
    write(text) {
      writeFileSync(path, text, { mode: 0o600 })
      later()
    },
  }
}

function level(text: string): string {
  return `log.level = "${text}"\n`
}

function brokenAs(t: Test, { config, path }: World, what: string | RegExp): void {
  const problem = config.problem()
  t.match(problem, what)
  t.ok(problem?.startsWith(`${path}:`), 'the file is named')
  t.throws(() => config.current(), {
    name: 'GrantdError',
    code: 'config_invalid',
    message: problem ?? '',
    hint: 'mend the file; no restart is needed',
  })
}

t.test('no file means the defaults', async (t) => {
  const { config } = world(t)
  t.same(config.current(), DEFAULT_CONFIG)
  t.equal(config.problem(), undefined)
})

t.test('a change is seen within a second, and not looked for more often', async (t) => {
  const { config, path, clock, write } = world(t)
  write(level('warn'))
  t.equal(config.current().log.level, 'warn')
  writeFileSync(path, level('debug'))
  clock.advance(999)
  t.equal(config.current().log.level, 'warn')
  clock.advance(1)
  t.equal(config.current().log.level, 'debug')
  const before = config.current()
  clock.advance(1_000)
  t.equal(config.current(), before, 'the same text is not read anew')
})

t.test('neither a jump of the wall clock nor an old time stamp hides a change', async (t) => {
  const { config, path, clock, write } = world(t)
  write(level('info'))
  t.equal(config.current().log.level, 'info')
  const { atime, mtime } = statSync(path)
  clock.jump(-3_600_000)
  write(level('warn'))
  utimesSync(path, atime, mtime)
  t.equal(config.current().log.level, 'warn')
})

t.test('a file that is replaced is followed, and one that is gone gives nothing', async (t) => {
  const at = world(t)
  const { config, path, directory, write, later } = at
  write(level('warn'))
  t.equal(config.current().log.level, 'warn')
  const next = join(directory, 'next')
  writeFileSync(next, level('fatal'), { mode: 0o600 })
  renameSync(next, path)
  later()
  t.equal(config.current().log.level, 'fatal')
  rmSync(path)
  later()
  brokenAs(t, at, /: was removed while it was in use; an empty file says nothing$/)
  later()
  brokenAs(t, at, /: was removed while it was in use/)
  write('')
  t.same(config.current(), DEFAULT_CONFIG)
  write(level('fatal'))
  t.equal(config.current().log.level, 'fatal')
})

t.test('a file that is being written counts once it is whole', async (t) => {
  const { config, path, clock, write } = world(t)
  const deny = (name: string): string => `[[rule]]\nname = "${name}"\neffect = "deny"\n`
  const namesNow = (): readonly string[] => {
    // as whoever wrote it this moment is looked at
    clock.jump(Math.floor(statSync(path).ctimeMs) - clock.now())
    return config.current().rules.map(({ name }) => name)
  }
  write(deny('a') + deny('b'))
  t.same(namesNow(), ['a', 'b'], 'the first look has nothing to go back to')
  clock.advance(1_000)
  truncateSync(path)
  t.same(namesNow(), ['a', 'b'], 'emptied, and not yet written')
  writeFileSync(path, deny('c'))
  t.same(namesNow(), ['a', 'b'], 'half of it')
  writeFileSync(path, deny('c') + deny('d'))
  clock.jump(Math.ceil(statSync(path).ctimeMs) + 100 - clock.now())
  t.same(
    config.current().rules.map(({ name }) => name),
    ['c', 'd'],
    'no second look is a second away',
  )
  clock.advance(1_000)
  writeFileSync(path, deny('e'))
  t.same(namesNow(), ['c', 'd'])
  clock.advance(999)
  writeFileSync(path, deny('f'))
  t.same(namesNow(), ['c', 'd'])
  clock.advance(1)
  t.same(namesNow(), ['f'], 'who writes on and on keeps no rule alive')
  clock.advance(1_000)
  writeFileSync(path, deny('g'))
  chmodSync(path, 0o666)
  clock.jump(Math.floor(statSync(path).ctimeMs) - clock.now())
  t.throws(() => config.current(), /can be written by others/, 'what is refused is so at once')
  chmodSync(path, 0o600)
  config.reload()
  t.same(namesNow(), ['g'], 'nor does who asks for it have to wait')
})

t.test('of a broken file nothing is kept, and mending it is enough', async (t) => {
  const at = world(t)
  at.write(level('warn'))
  t.equal(at.config.current().log.level, 'warn')
  at.write('[log]\n\n  lvl = 1\n')
  brokenAs(t, at, `${at.path}:3:3: unknown key "lvl" in "log"`)
  at.later()
  brokenAs(t, at, /:3:3: /)
  at.write(level('warn'))
  t.equal(at.config.current().log.level, 'warn')
  t.equal(at.config.problem(), undefined)
})

t.test('a file that others can write is refused', async (t) => {
  const at = world(t)
  at.write(level('warn'))
  for (const [mode, isGood] of [
    [0o600, true],
    [0o620, false],
    [0o602, false],
    [0o666, false],
    [0o644, true],
    [0o400, true],
  ] as const) {
    chmodSync(at.path, mode)
    at.later()
    if (isGood) t.equal(at.config.current().log.level, 'warn', mode.toString(8))
    else brokenAs(t, at, /: can be written by others; chmod go-w$/)
  }
})

t.test('what is no file of a person is refused', async (t) => {
  const at = world(t)
  mkdirSync(at.path)
  brokenAs(t, at, /: is not a file$/)
  rmSync(at.path, { recursive: true })
  execFileSync('/usr/bin/mkfifo', ['-m', '600', at.path])
  at.later()
  brokenAs(t, at, /: is not a file$/)
  rmSync(at.path)
  symlinkSync('loop.toml', join(at.directory, 'config.toml'))
  at.later()
  brokenAs(t, at, /: is a symbolic link to nothing$/)
  symlinkSync('config.toml', join(at.directory, 'loop.toml'))
  at.later()
  brokenAs(t, at, /: cannot be read: ELOOP$/)
  rmSync(at.path)
  at.write(`# ${'x'.repeat(65_534)}`)
  t.same(at.config.current(), DEFAULT_CONFIG)
  at.write(`# ${'x'.repeat(65_535)}`)
  brokenAs(t, at, /: is longer than 65536 bytes$/)
  at.write('')
  t.same(at.config.current(), DEFAULT_CONFIG)
})

t.test('a file of 100 MB is not read', async (t) => {
  const at = world(t)
  at.write('')
  truncateSync(at.path, 104_857_600)
  at.later()
  const before = process.memoryUsage().arrayBuffers
  brokenAs(t, at, /: is longer than 65536 bytes$/)
  t.ok(process.memoryUsage().arrayBuffers - before < 1_048_576)
})

t.test('what is not UTF-8 is refused, wherever it stands', async (t) => {
  const at = world(t)
  for (const bytes of [
    Buffer.from([0x23, 0x20, 0xff]),
    Buffer.from([0x23, 0xc3]),
    Buffer.from([0x23, 0xed, 0xa0, 0x80]),
  ]) {
    writeFileSync(at.path, bytes, { mode: 0o600 })
    at.later()
    brokenAs(t, at, /: is not UTF-8$/)
  }
  at.write('# ä\n')
  t.equal(at.config.problem(), undefined)
})

t.test('the hash is that of the bytes, and there is none of what is no text', async (t) => {
  const at = world(t)
  t.equal(at.config.hash(), undefined)
  at.write('# a\n')
  t.equal(at.config.hash(), textHash('# a\n'))
  at.write('[broken')
  t.equal(at.config.hash(), textHash('[broken'), 'of a broken file too')
  chmodSync(at.path, 0o666)
  at.later()
  t.equal(at.config.hash(), undefined)
})

t.test('a file of the system may say what narrows, and nothing else', async (t) => {
  const { path, clock, write } = world(t)
  const config = new ConfigFile({ path, uid, clock, level: 'system' })
  write('[lifetime]\nsession_age = "1d"\n[[rule]]\nname = "x"\neffect = "deny"\n')
  t.match(config.current(), { lifetime: { sessionAgeSeconds: 86_400 }, rules: [{ name: 'x' }] })
  write('[[rule]]\nname = "x"\neffect = "allow"\n')
  t.equal(config.problem(), `${path}:3:1: the system file can only narrow: deny or limit`)
})

t.test('a path that cannot be followed is not the same as no file', async (t) => {
  const directory = t.testdir({ file: '' })
  const path = join(directory, 'file', 'config.toml')
  const config = new ConfigFile({ path, uid, clock: new FakeClock() })
  t.equal(config.problem(), `${path}: cannot be read: ENOTDIR`)
  const strange = new ConfigFile({ path: 'a\0b', uid, clock: new FakeClock() })
  t.match(strange.problem(), /ERR_INVALID_ARG_VALUE$/)
})

t.test('a link to a file of ours is followed', async (t) => {
  const { config, path, directory } = world(t)
  writeFileSync(join(directory, 'real.toml'), level('warn'), { mode: 0o600 })
  symlinkSync('real.toml', path)
  t.equal(config.current().log.level, 'warn')
})

t.test(
  "somebody else's file is refused, also behind a link; root's is not",
  needsRoot(),
  async (t) => {
    const at = world(t, 1000)
    at.write(level('warn'))
    t.equal(at.config.current().log.level, 'warn', 'of root')
    chownSync(at.path, 65_534, 65_534)
    at.later()
    brokenAs(t, at, /: belongs to uid 65534$/)
    renameSync(at.path, join(at.directory, 'theirs'))
    symlinkSync('theirs', at.path)
    at.later()
    brokenAs(t, at, /: belongs to uid 65534$/)
    chownSync(join(at.directory, 'theirs'), 1000, 1000)
    at.later()
    t.equal(at.config.current().log.level, 'warn', 'of the owner')
  },
)

t.test('a file that we may not read is refused', async (t) => {
  const at = world(t)
  at.write(level('warn'))
  chmodSync(at.path, 0)
  if (uid !== 0) return brokenAs(t, at, /: cannot be read: EACCES$/)
  // root may read everything: ask as somebody else
  chmodSync(at.directory, 0o711)
  process.seteuid?.(65_534)
  const problem = at.config.problem()
  process.seteuid?.(0)
  t.match(problem, /: cannot be read: EACCES$/)
})
