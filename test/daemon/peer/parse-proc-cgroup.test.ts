import fc from 'fast-check'
import t from 'tap'
import { parseUnit } from '../../../daemon/peer/parse-proc-cgroup.ts'

const MANAGER = '/user.slice/user-1000.slice/user@1000.service'

t.test('the unit is the first part that is no slice', async (t) => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['/system.slice/backup.service', 'backup.service'],
    ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service'],
    ['/system.slice/a\\x2db.service', 'a\\x2db.service'],
    ['/system.slice/_cpu.service', 'cpu.service'],
    ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope'],
    [MANAGER, 'user@1000.service'],
    [`${MANAGER}/init.scope`, 'init.scope'],
    [`${MANAGER}/app.slice/backup.service`, 'backup.service'],
    [`${MANAGER}/app.slice/app-x.slice/x@1.service`, 'x@1.service'],
    ['/init.scope', 'init.scope'],
    ['/', undefined],
    ['/user.slice', undefined],
    ['/docker/0123456789abcdef', undefined],
    ['/docker/backup.service', undefined],
    ['/../../backup.service', undefined],
    ['/system.slice/back up.service', undefined],
    ['/system.slice/backup.service (deleted)', undefined],
    [`/system.slice/${'x'.repeat(256)}.service`, undefined],
    ['/system.slice/.service', undefined],
  ]
  for (const [path, unit] of table) t.equal(parseUnit(`0::${path}\n`), unit, path)
})

t.test('what a unit makes below itself has no say', async (t) => {
  const below = 'evil.service/app.slice/backup.service'
  t.equal(parseUnit(`0::${MANAGER}/app.slice/${below}\n`), 'evil.service')
  t.equal(parseUnit(`0::/system.slice/${below}\n`), 'evil.service')
  t.equal(parseUnit('0::/user.slice/session-3.scope/backup.service\n'), 'session-3.scope')
  t.equal(parseUnit(`0::${MANAGER}/evil/backup.service\n`), 'user@1000.service')
  const part = fc.stringMatching(/^[^/\n]{1,40}$/)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.constantFrom('a.slice', 'backup.service', '0::'))),
      (parts) => parseUnit(`0::/system.slice/evil.service/${parts.join('/')}\n`) === 'evil.service',
    ),
  )
})

t.test('the unified hierarchy alone counts, and only where there is one', async (t) => {
  const old = '9:name=systemd:/system.slice/other.service\n4:memory:/0::/system.slice/x.service\n'
  t.equal(parseUnit(`${old}0::/system.slice/backup.service\n`), 'backup.service')
  t.equal(parseUnit(old), undefined)
  t.equal(parseUnit('0::/system.slice/a.service\n0::/system.slice/b.service\n'), undefined)
  t.equal(parseUnit('0:system.slice/a.service\n'), undefined)
  t.equal(parseUnit(''), undefined)
})

t.test('whatever it is called, a unit is a name and nothing else', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const unit = parseUnit(`0::/system.slice/${text}\n`)
      return unit === undefined || /^[\w:.\\@-]+$/.test(unit)
    }),
  )
})
