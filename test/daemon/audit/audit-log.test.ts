import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
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
const uid = process.getuid?.() ?? -1
const isLinux = process.platform === 'linux'
const MAX_FILE_BYTES = 67_108_864
const LINE = '{"time":"2030-01-01T00:00:00.000Z","event":"daemon.started"}'

function logAt(t: Test, path: string): AuditLog {
  const log = openAuditLog({ path, uid, clock })
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
    chmodSync(path, 0o600)
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
    t.throws(() => openAuditLog({ path: `${base}/${name}`, uid, clock }), {
      name: 'GrantdError',
      code: 'audit_unavailable',
      message: `the audit log cannot be written: ${code}`,
    })
  t.equal(readFileSync(join(base, 'file'), 'utf8'), '')
})

t.test('a log that others can read or write is refused, and is left as it is', async (t) => {
  const path = join(t.testdir({ 'audit.log': `${LINE}\n` }), 'audit.log')
  for (const [mode, isGood] of [
    [0o600, true],
    [0o666, false],
    [0o640, false],
    [0o604, false],
    [0o610, false],
    [0o400, uid === 0],
  ] as const) {
    chmodSync(path, mode)
    if (isGood) logAt(t, path)
    else if (mode === 0o400) t.throws(() => logAt(t, path), { message: /EACCES$/ })
    else
      t.throws(() => logAt(t, path), {
        name: 'GrantdError',
        code: 'audit_unavailable',
        message: `the audit log cannot be used: "${path}" is open to others (mode ${mode.toString(8)})`,
        hint: `see who wrote to it, then: chmod 600 "${path}"`,
      })
  }
  chmodSync(path, 0o600)
  t.throws(() => openAuditLog({ path, uid: uid + 1, clock }), {
    code: 'audit_unavailable',
    message: `the audit log cannot be used: "${path}" belongs to uid ${uid}`,
    hint: `move "${path}" away`,
  })
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n`)
})

t.test('a pipe in its place is refused, and nobody waits for it', async (t) => {
  const path = join(t.testdir(), 'audit.log')
  execFileSync('/usr/bin/mkfifo', ['-m', '600', path])
  t.throws(() => logAt(t, path), {
    code: 'audit_unavailable',
    message: `the audit log cannot be used: "${path}" is not a file`,
  })
})

/** Puts a device behind the descriptor of an open log. */
function replaceOpen(path: string, device: string): void {
  const open = readdirSync('/proc/self/fd').find((fd) => isLinkTo(`/proc/self/fd/${fd}`, path))
  closeSync(Number(open))
  if (openSync(device, 'r+') !== Number(open)) throw new Error('not the lowest free descriptor')
}

function isLinkTo(link: string, path: string): boolean {
  try {
    return readlinkSync(link) === path
  } catch {
    return false // what listed the directory is closed by now
  }
}

t.test('a full disk refuses', { skip: !isLinux && 'Linux only' }, async (t) => {
  const path = join(t.testdir(), 'audit.log')
  const log = logAt(t, path)
  replaceOpen(path, '/dev/full')
  const refused = { code: 'audit_unavailable', message: /ENOSPC$/ }
  t.throws(() => log.append({ event: 'daemon.started' }), refused)
  await t.rejects(log.appendDurably({ event: 'daemon.started' }), refused)
})

t.test(
  'what cannot be brought to the disk refuses',
  { skip: !isLinux && 'Linux only' },
  async (t) => {
    const path = join(t.testdir(), 'audit.log')
    const log = logAt(t, path)
    // the kernel has no fdatasync() for it
    replaceOpen(path, '/dev/null')
    log.append({ event: 'daemon.started' })
    await t.rejects(log.appendDurably({ event: 'daemon.started' }), {
      code: 'audit_unavailable',
      message: /EINVAL$/,
    })
  },
)

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
  const log = openAuditLog({ path: join(base, 'audit.log'), uid, clock })
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

/** Makes the log as long as it may get, less some bytes; a hole fills it. */
function fill(path: string, less = 0): void {
  closeSync(openSync(path, 'a', 0o600))
  truncateSync(path, MAX_FILE_BYTES - less - 1)
  appendFileSync(path, '\n')
}

/** The first line of a file that may be long. */
function firstLine(path: string): string {
  const bytes = Buffer.alloc(256)
  const fd = openSync(path, 'r')
  const length = readSync(fd, bytes, 0, bytes.length, 0)
  closeSync(fd)
  return bytes.toString('latin1', 0, length).split('\n')[0] ?? ''
}

/** The last bytes of a file that may be long. */
function tailOf(path: string, length: number): string {
  const bytes = Buffer.alloc(length)
  const fd = openSync(path, 'r')
  readSync(fd, bytes, 0, length, fstatSync(fd).size - length)
  closeSync(fd)
  return bytes.toString('latin1')
}

t.test('a log that is full makes way for a new one between two lines', async (t) => {
  const base = t.testdir()
  const path = join(base, 'audit.log')
  fill(path, 1)
  const log = logAt(t, path)
  log.append({ event: 'daemon.started' })
  t.same(readdirSync(base), ['audit.log'], 'it was not full yet')
  log.append({ event: 'daemon.started' })
  await log.appendDurably({ event: 'daemon.started' })
  t.same(readdirSync(base).sort(), ['audit.log', 'audit.log.1'])
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n${LINE}\n`)
  t.equal(tailOf(`${path}.1`, LINE.length + 2), `\n${LINE}\n`)
  for (const name of readdirSync(base)) t.equal(statSync(join(base, name)).mode & 0o777, 0o600)
})

t.test('four full logs are kept, and their row tells all in order', async (t) => {
  const base = t.testdir()
  const path = join(base, 'audit.log')
  for (let round = 1; round <= 6; round++) {
    const log = logAt(t, path)
    log.append({ event: 'login.failed', reason: `round ${round}` })
    log.close()
    fill(path)
  }
  logAt(t, path).append({ event: 'login.failed', reason: 'round 7' })
  const row = ['audit.log.4', 'audit.log.3', 'audit.log.2', 'audit.log.1', 'audit.log']
  t.same(readdirSync(base).sort(), row.toReversed())
  for (const [index, name] of row.entries())
    t.match(firstLine(join(base, name)), `"reason":"round ${index + 3}"`, name)
})

t.test('a log emptied by hand before it was full stays where it is', async (t) => {
  const base = t.testdir()
  const path = join(base, 'audit.log')
  fill(path)
  const log = logAt(t, path)
  truncateSync(path)
  log.append({ event: 'daemon.started' })
  t.same(readdirSync(base), ['audit.log'])
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n`)
})

t.test('a line that was cut short is ended in the file it is in', async (t) => {
  const path = join(t.testdir(), 'audit.log')
  fill(path)
  appendFileSync(path, '{"to')
  const log = logAt(t, path)
  log.append({ event: 'daemon.started' })
  log.append({ event: 'daemon.started' })
  t.equal(tailOf(`${path}.1`, LINE.length + 7), `\n{"to\n${LINE}\n`)
  t.equal(readFileSync(path, 'utf8'), `${LINE}\n`)
})

t.test('a rotation that fails loses and refuses nothing, and is tried again later', async (t) => {
  const tree = { 'audit.log.1': '1', 'audit.log.2': '2', 'audit.log.3': '3' }
  const base = t.testdir({ ...tree, 'audit.log.4': { file: '' } })
  const path = join(base, 'audit.log')
  fill(path)
  const log = logAt(t, path)
  log.append({ event: 'daemon.started' })
  await log.appendDurably({ event: 'daemon.started' })
  t.equal(tailOf(path, 2 * LINE.length + 3), `\n${LINE}\n${LINE}\n`)
  for (const age of ['1', '2', '3']) t.equal(readFileSync(`${path}.${age}`, 'utf8'), age)
  rmSync(`${path}.4`, { recursive: true })
  log.append({ event: 'daemon.started' })
  t.notOk(existsSync(`${path}.4`), 'not with every record')
  for (let written = 0; written < 1_048_576; written += 4_096)
    log.append({ event: 'token.issued', scope: ['s'.repeat(4_096)] })
  log.append({ event: 'daemon.started' })
  t.ok(statSync(path).size < 1_048_576)
  t.ok(statSync(`${path}.1`).size > MAX_FILE_BYTES + 1_048_576)
  for (const age of ['1', '2', '3'])
    t.equal(readFileSync(`${path}.${Number(age) + 1}`, 'utf8'), age)
})

t.test(
  'a line on its way to the disk gets there, whatever happens to the log meanwhile',
  { skip: !isLinux && 'Linux only' },
  async (t) => {
    const path = join(t.testdir(), 'audit.log')
    const isOpen = (name: string): boolean =>
      readdirSync('/proc/self/fd').some((fd) => isLinkTo(`/proc/self/fd/${fd}`, name))
    fill(path, 1)
    const log = logAt(t, path)
    const first = log.appendDurably({ event: 'daemon.started' })
    const second = log.appendDurably({ event: 'daemon.started' })
    t.ok(isOpen(`${path}.1`), 'a number that is being synced is not given away')
    await first
    t.notOk(isOpen(`${path}.1`), 'and then it is')
    await second
    const third = log.appendDurably({ event: 'daemon.started' })
    log.close()
    t.ok(isOpen(path))
    await third
    t.notOk(isOpen(path))
  },
)

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
