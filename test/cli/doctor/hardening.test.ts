import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { judgeOpenness, opennessOf, readOpenness } from '../../../cli/doctor/hardening.ts'

t.test('whoever can open the environment of a process finds it open', async (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'grantd-proc-'))
  t.teardown(() => rmSync(proc, { recursive: true, force: true }))
  mkdirSync(join(proc, '42'))
  writeFileSync(join(proc, '42', 'environ'), '')
  t.equal(await readOpenness(proc, 42, 1000), 'open')
  t.equal(await readOpenness(proc, 43, 1000), 'unknown', 'another name space of processes')
  t.equal(await readOpenness(proc, 42, 0), 'unknown', 'root is let in everywhere')
})

t.test('what an error means', async (t) => {
  for (const [code, openness] of [
    [undefined, 'open'],
    ['EACCES', 'closed'],
    ['EPERM', 'closed'],
    ['ENOENT', 'unknown'],
    ['late', 'unknown'],
  ] as const)
    t.equal(opennessOf(code), openness, code ?? 'none')
})

t.test('a daemon that others can read is a fault', async (t) => {
  t.match(judgeOpenness('closed', 1000), [{ level: 'ok', what: /closed/ }])
  t.match(judgeOpenness('open', 1000), [{ level: 'fail', advice: /start it again/ }])
  t.match(judgeOpenness('unknown', 1000), [{ level: 'ok', what: /cannot be told$/ }])
  t.match(judgeOpenness('unknown', 0), [{ level: 'ok', what: /cannot be told by root$/ }])
  t.same(judgeOpenness(undefined, 1000), [])
})
