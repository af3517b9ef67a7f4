import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ConfigFile } from '../../../daemon/config/config-file.ts'
import { ConfigFiles } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const uid = process.getuid?.() ?? -1

function world(t: Test) {
  const directory = t.testdir()
  const clock = new FakeClock()
  const path = (level: string) => join(directory, `${level}.toml`)
  const files = new ConfigFiles({
    user: new ConfigFile({ path: path('user'), uid, clock }),
    system: new ConfigFile({ path: path('system'), uid, clock, level: 'system' }),
  })
  const write = (level: 'user' | 'system', text: string): void => {
    writeFileSync(path(level), text, { mode: 0o600 })
    clock.advance(1_000)
  }
  return { files, path, clock, write }
}

const rule = (name: string, effect: string) => `[[rule]]\nname = "${name}"\neffect = "${effect}"\n`

t.test('without files there are no rules', async (t) => {
  const { files, path } = world(t)
  t.equal(files.path, path('user'))
  t.equal(files.problem(), undefined)
  t.same(files.current(), {
    ...DEFAULT_CONFIG,
    ceiling: {},
    policy: { mode: 'enforce', system: [], user: [] },
  })
  t.equal(files.current(), files.current(), 'what did not change is not combined anew')
  t.equal(files.usable(), files.current())
  const alone = new ConfigFiles({ user: files.user })
  t.same(alone.current(), files.current())
  t.equal(alone.problem(), undefined)
})

t.test('both files stand side by side', async (t) => {
  const { files, write } = world(t)
  write('user', `log.level = "warn"\n${rule('mine', 'allow')}`)
  write('system', `[lifetime]\nsession_age = "1h"\n${rule('theirs', 'deny')}`)
  t.match(files.current(), {
    log: { level: 'warn' },
    lifetime: {},
    ceiling: { sessionAgeSeconds: 3_600 },
    policy: { mode: 'enforce', system: [{ name: 'theirs' }], user: [{ name: 'mine' }] },
  })
  write('user', '')
  t.same(files.current().policy.user, [])
})

t.test('only the user tries rules out, and not where the system forbids it', async (t) => {
  const { files, write } = world(t)
  write('user', 'policy.mode = "audit"')
  t.equal(files.current().policy.mode, 'audit')
  write('system', 'policy.mode = "enforce"')
  t.equal(files.current().policy.mode, 'enforce')
})

t.test('a problem of either is a problem of both', async (t) => {
  const { files, path, clock, write } = world(t)
  write('user', '[x')
  t.throws(() => files.current(), { code: 'config_invalid' })
  t.ok(files.problem()?.startsWith(`${path('user')}:1:`))
  write('system', '[y')
  t.ok(files.problem()?.startsWith(`${path('system')}:1:`))
  write('user', '')
  t.throws(() => files.current(), { code: 'config_invalid' })
  rmSync(path('system'))
  clock.advance(1_000)
  t.match(files.problem(), /system\.toml: was removed while it was in use/)
  write('system', '')
  t.equal(files.problem(), undefined)
})

t.test('any change of either file is seen, and nothing else', async (t) => {
  const { files, clock, write } = world(t)
  const seen = [files.seen()]
  clock.advance(1_000)
  t.equal(files.seen(), seen[0])
  write('user', '[x')
  seen.push(files.seen())
  t.equal(files.usable(), undefined, 'of a broken file nothing stands')
  write('user', '[y')
  seen.push(files.seen())
  write('user', '')
  seen.push(files.seen())
  write('system', rule('theirs', 'deny'))
  seen.push(files.seen())
  t.equal(new Set(seen).size, 5)
  clock.advance(1_000)
  t.equal(files.seen(), seen[4])
})

t.test('who asks for it need not wait for the next look', async (t) => {
  const { files, path } = world(t)
  files.current()
  writeFileSync(path('user'), '[x', { mode: 0o600 })
  t.equal(files.problem(), undefined)
  files.reload()
  t.ok(files.problem()?.startsWith(`${path('user')}:1:`))
  writeFileSync(path('user'), '')
  writeFileSync(path('system'), '[y', { mode: 0o600 })
  files.reload()
  t.ok(files.problem()?.startsWith(`${path('system')}:1:`))
})
