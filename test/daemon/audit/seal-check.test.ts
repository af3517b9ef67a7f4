import t from 'tap'
import { formatAuditEntry } from '../../../daemon/audit/audit-record.ts'
import { newChainKey, signSeal } from '../../../daemon/audit/chain-key.ts'
import type { Finding } from '../../../daemon/audit/finding.ts'
import { SealCheck } from '../../../daemon/audit/seal-check.ts'

const prev = 'a'.repeat(64)
const [root, second, third, stranger] = [newChainKey(), newChainKey(), newChainKey(), newChainKey()]

function check(): {
  seals: SealCheck
  found: Finding[]
  add: (seq: number, entry: object) => void
} {
  const found: Finding[] = []
  const seals = new SealCheck((finding) => found.push(finding))
  const add = (seq: number, entry: object): void => {
    const text = formatAuditEntry(entry as Parameters<typeof formatAuditEntry>[0], 0).trimEnd()
    seals.add({ file: 'f', line: seq, text }, { seq, prev, mac: '', body: '' })
  }
  return { seals, found, add }
}

const seal = (seq: number, by = root, next = second) => {
  const signature = signSeal(by, { seq: seq - 1, hash: prev }, next.publicKey)
  return { event: 'audit.sealed', audit: { signer: by.publicKey, key: next.publicKey, signature } }
}

t.test('a key hands over to the next, and may do so again after a crash', async (t) => {
  const { seals, found, add } = check()
  add(1, { event: 'audit.started', audit: { key: root.publicKey } })
  add(5, seal(5))
  add(6, seal(6))
  add(9, seal(9, second, third))
  t.same([found, seals.sealed], [[], 8])
})

t.test('what nothing vouches for is told', async (t) => {
  const { seals, found, add } = check()
  add(1, { event: 'audit.started', audit: { key: root.publicKey } })
  add(5, seal(5, stranger))
  add(7, { ...seal(7, second), audit: { ...seal(7, second).audit, signature: 'AAAA' } })
  add(8, { event: 'audit.started', audit: { key: stranger.publicKey } })
  add(9, { event: 'audit.damaged', reason: 'lines are gone' })
  t.same(
    found.map(({ kind, line }) => `${kind} ${line}`),
    ['new_key 5', 'forged 7', 'new_key 8', 'damaged 9'],
  )
  t.equal(seals.sealed, 0)
})

t.test('a log may begin where a line says that it was cut', async (t) => {
  const { seals, found, add } = check()
  add(3, { event: 'audit.pruned', audit: { seq: 2, head: prev } })
  add(4, { event: 'token.issued' })
  t.ok(seals.isPruned({ seq: 2, hash: prev }))
  t.notOk(seals.isPruned({ seq: 1, hash: prev }))
  seals.add(
    { file: 'f', line: 1, text: '{"time":"2030-01-01T00:00:00.000Z","event":"audit.sealed"' },
    { seq: 9, prev, mac: '', body: '' },
  )
  t.match(found, [{ kind: 'forged' }], 'a line that is no JSON seals nothing')
})
