import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AuditCursor } from '../../../daemon/audit/cursor.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { auditOptions, logFiles, openAudit, readerOf, verifyAudit } from '../../fakes/open-audit.ts'

const reasonsOf = (lines: readonly string[]): string[] =>
  lines.map((line) => (JSON.parse(line) as { reason: string }).reason)
const ALL = { event: 'token' }

t.test('pages tell all in order, over files and whatever a page may hold', async (t) => {
  const clock = new FakeClock()
  const directory = t.testdir()
  const log = await openAudit(t, auditOptions(directory, { clock, fileBytes: 4_000 }))
  const all: string[] = []
  for (let i = 0; i < 100; i++) {
    log.append({ event: 'token.issued', reason: `r${i}` })
    all.push(`r${i}`)
    if (i === 50) clock.advance(86_400_000)
  }
  t.ok(logFiles(directory).length > 3)
  for (const [limit, scan, page] of [
    [7, 1e6, 1e6],
    [100, 1_000, 1e6],
    [100, 1e6, 700],
  ] as const) {
    const reader = readerOf(log, scan, page)
    const seen: string[] = []
    let cursor: AuditCursor | undefined
    for (let more = true; more; ) {
      const found = await reader.page(ALL, cursor, limit)
      seen.push(...reasonsOf(found.lines))
      cursor = found.cursor
      more = found.hasMore
    }
    t.same(seen, all, `${limit} ${scan} ${page}`)
    log.append({ event: 'token.denied', reason: `new ${limit} ${scan}` })
    all.push(`new ${limit} ${scan}`)
    t.same(reasonsOf((await reader.page(ALL, cursor, 5)).lines), all.slice(-1))
  }
  const since = Date.UTC(2030, 0, 2)
  t.same(reasonsOf((await readerOf(log).page({ ...ALL, since }, undefined, 1)).lines), ['r51'])
})

t.test('the last lines come without a look at all before them', async (t) => {
  const directory = t.testdir()
  const log = await openAudit(t, auditOptions(directory, { fileBytes: 4_000 }))
  for (let i = 0; i < 100; i++) log.append({ event: 'token.issued', reason: `r${i}` })
  const reader = readerOf(log)
  const { lines, cursor, hasMore } = await reader.last(ALL, 30)
  t.same(
    reasonsOf(lines),
    Array.from({ length: 30 }, (_, index) => `r${index + 70}`),
  )
  t.notOk(hasMore)
  t.same((await reader.page(ALL, cursor, 5)).lines, [])
  t.equal((await reader.last(ALL, 500)).lines.length, 100)
  t.equal((await readerOf(log, 1_000).last(ALL, 500)).lines.length < 100, true)
  t.same(reasonsOf((await readerOf(log, 1e6, 500).last(ALL, 500)).lines), ['r98', 'r99'])
})

t.test('what others wrote is not shown, and a line without an end is waited for', async (t) => {
  const directory = t.testdir()
  const log = await openAudit(t, auditOptions(directory))
  const path = join(directory, 'audit', '2030-01-01.jsonl')
  log.append({ event: 'token.issued', reason: 'ours' })
  appendFileSync(
    path,
    '{"time":"2030-01-01T00:00:00.000Z","event":"token.issued"}\n\u001b[2J\n{"to',
  )
  const reader = readerOf(log)
  const page = await reader.page(ALL, undefined, 10)
  t.same(reasonsOf(page.lines), ['ours'])
  t.same(reasonsOf((await reader.last(ALL, 10)).lines), ['ours'])
  t.match(await verifyAudit(log), { findingCount: 3 })
})

t.test('one verification at a time, and too many readers are told to come again', async (t) => {
  const directory = t.testdir()
  const log = await openAudit(t, auditOptions(directory))
  const reader = readerOf(log)
  const head = log.snapshot().head
  const both = [reader.verify(head), reader.verify(head)]
  await t.rejects(reader.verify(undefined), { code: 'overloaded', retryAfterSeconds: 1 })
  t.match(await Promise.all(both), [{ anchor: 'matches' }, { anchor: 'matches' }])
  const pages = Array.from({ length: 9 }, () => reader.page(ALL, undefined, 1))
  const settled = await Promise.allSettled(pages)
  t.equal(settled.filter(({ status }) => status === 'rejected').length, 1)
  t.equal(reader.refused, 2)
  t.equal((await verifyAudit(log, { ...head, hash: 'b'.repeat(64) })).anchor, 'differs')
  t.equal((await verifyAudit(log, { ...head, seq: 99 })).anchor, 'absent')
  rmSync(join(directory, 'audit'), { recursive: true })
  await t.rejects(reader.verify(undefined), { code: 'audit_unavailable' })
  await t.rejects(reader.last(ALL, 1), { code: 'audit_unavailable' })
})

t.test(
  'a file that goes while it is read is no failure, and what cannot be read is one',
  async (t) => {
    const directory = t.testdir()
    const log = await openAudit(t, auditOptions(directory, { fileBytes: 1_000 }))
    for (let i = 0; i < 20; i++) log.append({ event: 'token.issued', reason: `r${i}` })
    const before = log.snapshot()
    const [oldest] = before.files
    if (oldest === undefined) throw new Error('there is a log')
    const path = `${oldest.path}-gone`
    let missing = 0
    const gone = {
      ...log,
      snapshot: () => {
        missing -= 1
        const [, ...rest] = before.files
        return { ...before, files: missing >= 0 ? [{ ...oldest, path }, ...rest] : before.files }
      },
    }
    missing = 1
    const { lines } = await readerOf(gone).page(ALL, undefined, 100)
    t.equal(reasonsOf(lines).at(-1), 'r19')
    t.not(reasonsOf(lines)[0], 'r0')
    missing = 2
    t.same([...(await readerOf(gone).verify(undefined)).findings], [], 'it is begun anew')
    missing = 3
    await t.rejects(readerOf(gone).verify(undefined), { code: 'audit_unavailable' })
    const unreadable = { ...oldest, path: directory }
    const broken = { ...log, snapshot: () => ({ ...before, files: [unreadable] }) }
    await t.rejects(readerOf(broken).page(ALL, undefined, 100), { code: 'audit_unavailable' })
    await t.rejects(readerOf(broken).verify(undefined), { code: 'audit_unavailable' })
  },
)
