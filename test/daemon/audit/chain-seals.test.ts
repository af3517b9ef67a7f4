import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { AuditEntry } from '../../../daemon/audit/audit-record.ts'
import { type ChainKey, isSealOf, newChainKey } from '../../../daemon/audit/chain-key.ts'
import { ChainSeals } from '../../../daemon/audit/chain-seals.ts'
import { readKeyFile } from '../../../daemon/audit/key-file.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { uid } from '../../fakes/open-audit.ts'

function sealsOf(t: Test, current: ChainKey, isNew: boolean) {
  const path = join(t.testdir(), 'audit.key')
  const clock = new FakeClock()
  const entries: AuditEntry[] = []
  const head = () => ({ seq: entries.length, hash: String(entries.length % 10).repeat(64) })
  const log = {
    head,
    sync: async () => undefined,
    write: (entryAfter: (before: ReturnType<typeof head>) => AuditEntry) =>
      void entries.push(entryAfter(head())),
    use: () => undefined,
  }
  return {
    path,
    clock,
    entries,
    log,
    seals: new ChainSeals({ path, current, isNew, clock, sealMs: 10 }),
  }
}

t.test('a new key is told, and noted with the line that tells it', async (t) => {
  const key = newChainKey()
  const { path, entries, log, seals } = sealsOf(t, key, true)
  await seals.begin(log)
  t.same(entries, [{ event: 'audit.started', audit: { key: key.publicKey } }])
  t.match(readKeyFile(path, uid), { head: { seq: 1 }, current: { publicKey: key.publicKey } })
})

t.test('a seal hands over to the next key, and the old one is gone', async (t) => {
  const key = newChainKey()
  const { path, clock, entries, log, seals } = sealsOf(t, key, false)
  await seals.begin(log)
  const audit = entries[0]?.audit ?? {}
  t.ok(
    isSealOf(
      key.publicKey,
      { seq: 0, hash: '0'.repeat(64) },
      String(audit['key']),
      String(audit['signature']),
    ),
  )
  const kept = readKeyFile(path, uid)
  t.equal(kept?.current.publicKey, audit['key'])
  t.equal(kept?.next, undefined)
  clock.advance(10)
  await seals.maintain(log)
  t.equal(entries.length, 1, 'there is nothing to seal')
  entries.push({ event: 'token.issued' })
  await Promise.all([seals.maintain(log), seals.settle(log)])
  t.equal(entries[2]?.audit?.['signer'], audit['key'])
})

t.test('a seal that cannot be written leaves both keys, and is tried again', async (t) => {
  const key = newChainKey()
  const { path, log, seals } = sealsOf(t, key, false)
  const full = () => {
    throw new Error('full')
  }
  await t.rejects(seals.begin({ ...log, write: full }), { message: 'full' })
  t.match(readKeyFile(path, uid), { current: { publicKey: key.publicKey }, next: {} })
  await seals.begin(log)
  t.equal(readKeyFile(path, uid)?.next, undefined)
})
