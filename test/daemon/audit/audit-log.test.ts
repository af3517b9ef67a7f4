import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ChainedLog, openAuditLog } from '../../../daemon/audit/audit-log.ts'
import { auditText } from '../../fakes/audit-text.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { limitFileSize } from '../../fakes/limit-file-size.ts'
import { auditOptions, logFiles, openAudit, uid, verifyAudit } from '../../fakes/open-audit.ts'
import { needs, needsLinux } from '../../needs.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = '2030-01-01.jsonl'

interface Line {
  readonly event: string
  readonly seq: number
  readonly reason?: string
  readonly audit?: Readonly<Record<string, unknown>>
}

const linesOf = (directory: string): Line[] =>
  auditText(directory)
    .split('\n')
    .flatMap((line) => (line.startsWith('{"time":') && line.endsWith('}') ? JSON.parse(line) : []))
const events = (directory: string): string[] => linesOf(directory).map(({ event }) => event)

/** A log whose first lines are behind us. */
async function begun(
  t: Parameters<typeof openAudit>[0],
  changes: Parameters<typeof auditOptions>[1] = {},
): Promise<{ directory: string; log: ChainedLog; options: ReturnType<typeof auditOptions> }> {
  const directory = t.testdir()
  const options = auditOptions(directory, changes)
  return { directory, options, log: await openAudit(t, options) }
}

const isGood = async (log: ChainedLog): Promise<unknown[]> => [...(await verifyAudit(log)).findings]

t.test('lines are added at the end of a file that is ours alone', async (t) => {
  const { directory, log, options } = await begun(t)
  log.append({ event: 'daemon.started' })
  await log.appendDurably({ event: 'token.issued' })
  t.same(events(directory), ['audit.started', 'daemon.started', 'token.issued'])
  t.same(logFiles(directory), [FIRST_DAY])
  for (const path of [join(directory, 'audit', FIRST_DAY), join(directory, 'audit.key')])
    t.equal(statSync(path).mode & 0o777, 0o600)
  await log.settle()
  log.close()
  const again = await openAudit(t, options)
  again.append({ event: 'daemon.started' })
  t.same(events(directory).slice(3), ['audit.sealed', 'daemon.started'])
  t.same(
    linesOf(directory).map(({ seq }) => seq),
    [1, 2, 3, 4, 5],
  )
  t.same(await isGood(again), [])
})

t.test('one write for a line, and nothing is synced that does not ask for it', async (t) => {
  const { directory, log } = await begun(t)
  const before = Number(/^syscw: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  for (let i = 0; i < 100; i++) log.append({ event: 'token.issued' })
  const after = Number(/^syscw: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  // the engine's own threads wake each other by a write now and then
  t.ok(after - before >= 100 && after - before < 110, `${after - before} writes for 100 lines`)
  t.equal(events(directory).length, 101)
})

t.test('a line that a crash cut short stays one broken line, and is told', async (t) => {
  for (const cut of [1, 2, 40, 300]) {
    const { directory, log, options } = await begun(t)
    for (let i = 0; i < 3; i++) log.append({ event: 'token.issued' })
    log.close()
    const path = join(directory, 'audit', FIRST_DAY)
    const length = auditText(directory).trimEnd().split('\n').at(-1)?.length ?? 0
    truncateSync(path, statSync(path).size - Math.min(cut, length))
    const again = await openAudit(t, options)
    again.append({ event: 'daemon.started' })
    const { findings, torn } = await verifyAudit(again)
    t.same(findings, [], `${cut} bytes`)
    t.same(torn, cut === 1 ? [] : [{ file: FIRST_DAY, line: 4 }], 'torn, not forged')
    t.equal(events(directory).includes('audit.torn'), cut !== 1)
  }
})

t.test('a crash in the first line of a day leads on from the day before', async (t) => {
  const clock = new FakeClock()
  const { directory, log, options } = await begun(t, { clock })
  clock.advance(DAY_MS)
  log.append({ event: 'token.issued' })
  log.close()
  truncateSync(join(directory, 'audit', '2030-01-02.jsonl'), 20)
  const again = await openAudit(t, options)
  t.match(await verifyAudit(again), { findings: [], torn: [{ file: '2030-01-02.jsonl', line: 1 }] })
  t.same(events(directory), ['audit.started', 'audit.torn', 'audit.sealed'])
})

t.test('each day has its file, and the chain goes on', async (t) => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1, 23, 59, 59))
  const { directory, log } = await begun(t, { clock })
  clock.advance(1_000)
  log.append({ event: 'token.issued', reason: 'the second' })
  clock.advance(2 * DAY_MS)
  log.append({ event: 'token.issued', reason: 'two days at once' })
  clock.jump(-3 * DAY_MS)
  log.append({ event: 'token.issued', reason: 'a clock set back' })
  t.same(logFiles(directory), [FIRST_DAY, '2030-01-02.jsonl', '2030-01-04.jsonl'])
  t.same(
    linesOf(directory).map(({ reason }) => reason),
    [undefined, 'the second', 'two days at once', 'a clock set back'],
  )
  t.same(await isGood(log), [])
})

t.test('a start with a clock that was set back goes on in the newest file', async (t) => {
  const clock = new FakeClock()
  const { directory, log, options } = await begun(t, { clock })
  clock.jump(-DAY_MS)
  log.close()
  const again = await openAudit(t, options)
  again.append({ event: 'token.issued' })
  t.same(logFiles(directory), [FIRST_DAY])
  t.same(await isGood(again), [])
})

t.test('the oldest days go as a whole when all is too long, and a line says which', async (t) => {
  const clock = new FakeClock()
  const { directory, log } = await begun(t, { clock, fileBytes: 3_000, totalBytes: 12_000 })
  for (let day = 0; day < 6; day++) {
    for (let i = 0; i < 12; i++) log.append({ event: 'token.issued', reason: `day ${day}` })
    clock.advance(DAY_MS)
  }
  const files = logFiles(directory)
  t.notOk(files.some((name) => name.startsWith('2030-01-01')))
  const total = files.reduce((sum, name) => sum + statSync(join(directory, 'audit', name)).size, 0)
  t.ok(total <= 12_000, `${total} bytes`)
  const days = new Set(files.map((name) => name.slice(0, 10)))
  for (const day of days) t.ok(files.includes(`${day}.jsonl`), `${day} was not cut in the middle`)
  const pruned = linesOf(directory).filter(({ event }) => event === 'audit.pruned')
  t.ok(pruned.length > 0)
  const verdict = await verifyAudit(log)
  t.match(verdict, { findings: [] })
  t.equal(verdict.first, Number(pruned.at(-1)?.audit?.['seq']) + 1)
})

t.test('a day that is too long alone loses its oldest files', async (t) => {
  const { directory, log } = await begun(t, { fileBytes: 2_000, totalBytes: 6_000 })
  for (let i = 0; i < 60; i++) log.append({ event: 'token.issued' })
  t.notOk(existsSync(join(directory, 'audit', FIRST_DAY)))
  t.ok(logFiles(directory).length <= 3)
  t.same(await isGood(log), [])
})

t.test('logs of an earlier version are moved aside as they are, and told once', async (t) => {
  const directory = t.testdir({ 'audit.log': 'new\n', 'audit.log.1': 'old\n', 'audit.log.2': {} })
  const options = auditOptions(directory)
  const log = await openAudit(t, options)
  t.equal(readFileSync(join(directory, 'audit-former', 'audit.log'), 'utf8'), 'new\n')
  t.equal(readFileSync(join(directory, 'audit-former', 'audit.log.1'), 'utf8'), 'old\n')
  t.ok(existsSync(join(directory, 'audit.log.2')), 'what is no file stays')
  log.close()
  const again = await openAudit(t, options)
  t.same(events(directory), ['audit.started', 'audit.moved', 'audit.sealed'])
  t.same(await isGood(again), [])
})

t.test('what cannot be a log of ours is refused', async (t) => {
  const refused: readonly (readonly [string, (directory: string) => void, RegExp])[] = [
    ['a link', (at) => symlinkSync('/dev/null', join(at, 'audit', FIRST_DAY)), /is not a file/],
    ['a directory', (at) => mkdirSync(join(at, 'audit', FIRST_DAY)), /is not a file/],
    [
      'a pipe',
      (at) => void execFileSync('/usr/bin/mkfifo', ['-m', '600', join(at, 'audit', FIRST_DAY)]),
      /is not a file/,
    ],
    [
      'open to others',
      (at) => writeFileSync(join(at, 'audit', FIRST_DAY), '', { mode: 0o644 }),
      /is open to others \(mode 644\)/,
    ],
    [
      'a directory open to others',
      (at) => chmodSync(join(at, 'audit'), 0o755),
      /is open to others/,
    ],
    [
      'a directory that is a link',
      (at) => {
        rmSync(join(at, 'audit'), { recursive: true })
        symlinkSync(at, join(at, 'audit'))
      },
      /is a symbolic link/,
    ],
    ['a broken key', (at) => writeFileSync(join(at, 'audit.key'), '{}', { mode: 0o600 }), /broken/],
    ['an open key', (at) => chmodSync(join(at, 'audit.key'), 0o644), /audit\.key" is open/],
  ]
  for (const [what, spoil, message] of refused) {
    const directory = t.testdir({})
    const options = auditOptions(directory)
    const log = await openAuditLog(options)
    log.close()
    rmSync(join(directory, 'audit', FIRST_DAY))
    spoil(directory)
    await t.rejects(openAuditLog(options), { code: 'audit_unavailable', message }, what)
  }
  await t.rejects(openAuditLog(auditOptions('/nowhere')), { code: 'audit_unavailable' })
  await t.rejects(openAuditLog(auditOptions(t.testdir(), { uid: uid + 1 })), {
    code: 'audit_unavailable',
    message: /belongs to uid/,
  })
})

t.test('a file that somebody put in the place of the next one is left alone', async (t) => {
  const clock = new FakeClock()
  const { directory, log } = await begun(t, { clock })
  execFileSync('/usr/bin/mkfifo', ['-m', '600', join(directory, 'audit', '2030-01-02.jsonl')])
  clock.advance(DAY_MS)
  log.append({ event: 'token.issued' })
  t.ok(logFiles(directory).includes('2030-01-02.2.jsonl'))
  t.throws(() => log.snapshot(), { code: 'audit_unavailable', message: /is not a file/ })
})

t.test('a new file that cannot be made costs no record', async (t) => {
  const clock = new FakeClock()
  const { directory, log } = await begun(t, { clock })
  const moved = join(directory, 'moved')
  renameSync(join(directory, 'audit'), moved)
  clock.advance(DAY_MS)
  log.append({ event: 'token.issued' })
  log.append({ event: 'token.denied' })
  renameSync(moved, join(directory, 'audit'))
  t.same(logFiles(directory), [FIRST_DAY])
  clock.advance(DAY_MS)
  log.append({ event: 'token.issued' })
  t.same(logFiles(directory), [FIRST_DAY, '2030-01-03.jsonl'])
  t.same(await isGood(log), [])
})

t.test('a file that went while it was written to is missed, and another begins', async (t) => {
  const { directory, log } = await begun(t)
  log.append({ event: 'token.issued' })
  rmSync(join(directory, 'audit', FIRST_DAY))
  await log.maintain()
  log.append({ event: 'token.denied' })
  t.same(events(directory), ['audit.damaged', 'token.denied'])
  t.match(await verifyAudit(log), {
    findings: [{ kind: 'damaged' }, { kind: 'removed', detail: /numbers 1 to 2,/ }],
  })
})

t.test('lines wait for a seal no longer than they may', async (t) => {
  const clock = new FakeClock()
  const { directory, log } = await begun(t, { clock, sealMs: 1_000 })
  log.append({ event: 'token.issued' })
  clock.advance(999)
  await log.maintain()
  clock.advance(1)
  await log.maintain()
  await log.maintain()
  t.same(events(directory).filter((event) => event === 'audit.sealed').length, 1)
  t.ok((await verifyAudit(log)).sealed >= 2)
})

t.test('an end that was cut off while the daemon was away is told', async (t) => {
  const { directory, log, options } = await begun(t)
  for (let i = 0; i < 3; i++) log.append({ event: 'token.issued' })
  await log.settle()
  log.close()
  const path = join(directory, 'audit', FIRST_DAY)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(path, `${lines.slice(0, 2).join('\n')}\n`)
  const again = await openAudit(t, options)
  t.match(await verifyAudit(again), {
    findings: [{ kind: 'damaged', detail: /lines that had been written are gone/ }],
  })
  t.match(linesOf(directory).at(-1)?.audit, { seq: 4 }, 'and up to where there were lines')
})

t.test('a log and key that are gone begin anew, and a key alone is told', async (t) => {
  const { directory, log, options } = await begun(t)
  log.append({ event: 'token.issued' })
  await log.settle()
  log.close()
  rmSync(join(directory, 'audit.key'))
  const keyless = await openAudit(t, options)
  t.match(await verifyAudit(keyless), { findings: [{ kind: 'new_key', line: 3 }] })
  await keyless.settle()
  keyless.close()
  rmSync(join(directory, 'audit'), { recursive: true })
  const empty = await openAudit(t, options)
  t.match(await verifyAudit(empty), { findings: [{ kind: 'damaged' }] })
})

t.test('lines that somebody put at the end are not gone on from', async (t) => {
  const { directory, log, options } = await begun(t)
  log.append({ event: 'token.issued' })
  const last = auditText(directory).trimEnd().split('\n').at(-1) ?? ''
  log.close()
  const forged = last.replace('"seq":2', '"seq":3')
  appendFileSync(join(directory, 'audit', FIRST_DAY), `${forged}\n`)
  const again = await openAudit(t, options)
  again.append({ event: 'daemon.started' })
  const { findings } = await verifyAudit(again)
  t.match(findings, [{ kind: 'damaged' }, { kind: 'inserted', line: 3 }])
  t.equal(findings.length, 2)
})

t.test('a closed log refuses, and writes into no file that came after it', async (t) => {
  const { log } = await begun(t)
  log.close()
  log.close()
  const refused = { code: 'audit_unavailable', message: 'the audit log is closed' }
  t.throws(() => log.append({ event: 'daemon.started' }), refused)
  await t.rejects(log.appendDurably({ event: 'daemon.started' }), refused)
})

t.test('a full disk refuses, and is recovered from', needs('prlimit'), async (t) => {
  // the kernel writes up to the limit, then sends a signal and answers EFBIG
  process.on('SIGXFSZ', () => undefined)
  const { directory, log } = await begun(t)
  const path = join(directory, 'audit', FIRST_DAY)
  for (let less = 0; less < 200; less += 37) {
    log.append({ event: 'token.issued', reason: `before ${less}` })
    const size = statSync(path).size
    const refusals: unknown[] = []
    limitFileSize(String(size + less))
    for (let i = 0; i < 2; i++)
      try {
        log.append({ event: 'token.denied', reason: 'refused' })
      } catch (error) {
        refusals.push(error) // nothing is reported yet: the report may be a file too
      }
    limitFileSize('unlimited')
    const refusal = { code: 'audit_unavailable', message: /EFBIG$/ }
    t.match(refusals, [refusal, refusal], `${less} bytes left`)
    t.same(await isGood(log), [], 'while it cannot be written')
    log.append({ event: 'token.issued', reason: `after ${less}` })
    t.same(await isGood(log), [], 'and afterwards')
  }
})

t.test(
  'a disk that is full again before that was told is told of too',
  needs('prlimit'),
  async (t) => {
    process.on('SIGXFSZ', () => undefined)
    for (const [some, more] of [
      [1, 1],
      [40, 1],
      [40, 90],
      [40, 300],
    ] as const) {
      const { directory, log, options } = await begun(t)
      const size = statSync(join(directory, 'audit', FIRST_DAY)).size
      for (const room of [some, some + more, some + 2 * more]) {
        limitFileSize(String(size + room))
        try {
          log.append({ event: 'token.denied', reason: 'refused' })
        } catch {
          // nothing is reported yet: the report may be a file too
        }
      }
      limitFileSize('unlimited')
      const name = `${some} bytes, then ${more}`
      t.same(await isGood(log), [], `${name}: while it cannot be written`)
      log.append({ event: 'token.issued', reason: 'after' })
      t.same(await isGood(log), [], `${name}: and afterwards`)
      log.close()
      t.same(await isGood(await openAudit(t, options)), [], `${name}: and by the next daemon`)
    }
  },
)

t.test(
  'a crash on a disk that was full twice is told by the next daemon',
  needs('prlimit'),
  async (t) => {
    process.on('SIGXFSZ', () => undefined)
    const { directory, log, options } = await begun(t)
    const size = statSync(join(directory, 'audit', FIRST_DAY)).size
    for (const room of [40, 130]) {
      limitFileSize(String(size + room))
      try {
        log.append({ event: 'token.denied', reason: 'refused' })
      } catch {
        // reported below
      }
    }
    limitFileSize('unlimited')
    log.close()
    const again = await openAudit(t, options)
    t.same(await isGood(again), [])
    t.equal((await verifyAudit(again)).torn.length, 2)
  },
)

t.test(
  'a line on its way to the disk gets there, whatever happens to the log meanwhile',
  needsLinux(),
  async (t) => {
    const clock = new FakeClock()
    const { directory, log } = await begun(t, { clock })
    const isOpen = (name: string): boolean =>
      readdirSync('/proc/self/fd').some((fd) => linkTarget(fd) === join(directory, 'audit', name))
    const first = log.appendDurably({ event: 'token.issued' })
    clock.advance(DAY_MS)
    const second = log.appendDurably({ event: 'token.issued' })
    t.ok(isOpen(FIRST_DAY), 'a number that is being synced is not given away')
    await first
    t.notOk(isOpen(FIRST_DAY), 'and then it is')
    log.close()
    t.ok(isOpen('2030-01-02.jsonl'))
    await second
    t.notOk(isOpen('2030-01-02.jsonl'))
  },
)

function linkTarget(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return '' // what listed the directory is closed by now
  }
}
