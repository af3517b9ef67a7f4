import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type AuditLog, openAuditLog } from '../../../daemon/audit/audit-log.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const clock = new FakeClock()
const LINE = '{"time":"2030-01-01T00:00:00.000Z","event":"daemon.started"}'

function logAt(t: Test, path: string): AuditLog {
  const log = openAuditLog({ path, clock })
  t.teardown(() => log.close())
  return log
}

t.test('lines are added at the end of a file that is ours alone', async (t) => {
  const path = join(t.testdir(), 'audit.log')
  const log = logAt(t, path)
  log.append({ event: 'daemon.started' })
  await log.appendDurably({ event: 'daemon.started' })
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n${LINE}\n`)
  t.equal(statSync(path).mode & 0o777, 0o600)
  logAt(t, path).append({ event: 'daemon.started' })
  appendFileSync(path, 'from elsewhere\n')
  log.append({ event: 'daemon.started' })
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n${LINE}\n${LINE}\nfrom elsewhere\n${LINE}\n`)
})

t.test('a line that a crash cut short stays one broken line', async (t) => {
  for (const [before, after] of [
    ['', `${LINE}\n`],
    ['{"whole":1}\n', `{"whole":1}\n${LINE}\n`],
    ['{"whole":1}\n{"to', `{"whole":1}\n{"to\n${LINE}\n`],
    ['{', `{\n${LINE}\n`],
  ] as const) {
    const path = join(t.testdir({ 'audit.log': before }), 'audit.log')
    const log = logAt(t, path)
    t.equal(readFileSync(path, 'utf8'), before, 'opening alone changes nothing')
    log.append({ event: 'daemon.started' })
    t.equal(readFileSync(path, 'utf8'), after)
  }
})

t.test('what cannot be a log of ours is refused', async (t) => {
  const base = t.testdir({ file: '', directory: {} })
  symlinkSync('file', join(base, 'link'))
  symlinkSync('nowhere', join(base, 'dangling'))
  for (const [name, code] of [
    ['link', 'ELOOP'],
    ['dangling', 'ELOOP'],
    ['directory', 'EISDIR'],
    ['file/audit.log', 'ENOTDIR'],
    ['missing/audit.log', 'ENOENT'],
    ['a\0b', 'ERR_INVALID_ARG_VALUE'],
  ] as const)
    t.throws(() => openAuditLog({ path: `${base}/${name}`, clock }), {
      name: 'GrantdError',
      code: 'audit_unavailable',
      message: `the audit log cannot be written: ${code}`,
    })
  t.equal(readFileSync(join(base, 'file'), 'utf8'), '')
})

t.test('a full disk refuses', { skip: process.platform !== 'linux' && 'Linux only' }, async (t) => {
  const log = openAuditLog({ path: '/dev/full', clock })
  t.teardown(() => log.close())
  const refused = { code: 'audit_unavailable', message: /ENOSPC$/ }
  t.throws(() => log.append({ event: 'daemon.started' }), refused)
  await t.rejects(log.appendDurably({ event: 'daemon.started' }), refused)
})

t.test('what cannot be brought to the disk refuses', async (t) => {
  // the kernel has no fdatasync() for it
  const log = openAuditLog({ path: '/dev/null', clock })
  t.teardown(() => log.close())
  log.append({ event: 'daemon.started' })
  await t.rejects(log.appendDurably({ event: 'daemon.started' }), {
    code: 'audit_unavailable',
    message: /EINVAL$/,
  })
})

t.test(
  'a line that a full disk cut short stays one broken line',
  {
    skip: !canLimit() && 'no prlimit',
  },
  async (t) => {
    const path = join(t.testdir(), 'audit.log')
    const log = logAt(t, path)
    log.append({ event: 'daemon.started' })
    // the kernel writes up to the limit, then sends a signal and answers EFBIG
    process.on('SIGXFSZ', () => undefined)
    const refusals: unknown[] = []
    limitFileSize('90')
    for (let i = 0; i < 2; i += 1)
      try {
        log.append({ event: 'daemon.started' })
      } catch (error) {
        // nothing is reported yet: the report may be a file too
        refusals.push(error)
      }
    limitFileSize('unlimited')
    const refusal = { code: 'audit_unavailable', message: /EFBIG$/ }
    t.match(refusals, [refusal, refusal])
    t.equal(refusals.length, 2)
    const torn = LINE.slice(0, 90 - LINE.length - 1)
    t.equal(readFileSync(path, 'utf8'), `${LINE}\n${torn}`)
    log.append({ event: 'daemon.started' })
    log.append({ event: 'daemon.started' })
    t.equal(readFileSync(path, 'utf8'), `${LINE}\n${torn}\n${LINE}\n${LINE}\n`)
  },
)

t.test('a closed log refuses, and writes into no file that came after it', async (t) => {
  const base = t.testdir()
  const log = openAuditLog({ path: join(base, 'audit.log'), clock })
  log.close()
  log.close()
  const other = join(base, 'other')
  writeFileSync(other, '')
  openSync(other, 'a') // the lowest free descriptor: the one the log had
  const refused = { code: 'audit_unavailable', message: 'the audit log is closed' }
  t.throws(() => log.append({ event: 'daemon.started' }), refused)
  await t.rejects(log.appendDurably({ event: 'daemon.started' }), refused)
  t.equal(statSync(other).size, 0)
})

t.test('a log that was emptied by hand goes on at its start', async (t) => {
  const path = join(t.testdir(), 'audit.log')
  const log = logAt(t, path)
  log.append({ event: 'daemon.started' })
  truncateSync(path)
  log.append({ event: 'daemon.started' })
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n`)
})

function limitFileSize(bytes: string): void {
  execFileSync('/usr/bin/prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])
}

function canLimit(): boolean {
  try {
    limitFileSize('unlimited')
    return true
  } catch {
    return false
  }
}
