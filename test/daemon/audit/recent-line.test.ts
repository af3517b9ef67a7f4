import t from 'tap'
import type { AuditEntry } from '../../../daemon/audit/audit-record.ts'
import { recentParts } from '../../../daemon/audit/recent-line.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const ENTRY: Required<AuditEntry> = {
  event: 'token.issued',
  peer: localPeer(),
  ancestors: [],
  capability: 'ci',
  grant: 'work',
  grantId: 'AAAA',
  issuer: 'https://issuer.example',
  scope: ['a'],
  audience: 'https://api.example',
  token: 'ba7816bf8f01cfea',
  expiresInSeconds: 287,
  generation: 7,
  rule: 'built-in',
  wouldDeny: { rule: 'r', reason: 'no' },
  lifted: ['no writing'],
  systemPolicy: 'ab',
  userPolicy: 'cd',
  verified: true,
  provider: 'keychain',
  keyId: '0123456789abcdef',
  records: 3,
  reason: 'none',
  audit: { bytes: 3 },
  request: { grant: 'work' },
}

/** How many entries were formatted after the first. */
function formatted(...entries: readonly AuditEntry[]): number {
  let count = -1
  for (const entry of entries)
    recentParts(entry, () => {
      count += 1
      return { before: '', after: '' }
    })
  return count
}

t.test('the same once more is not formatted again, whatever life is left', async (t) => {
  const entry = { ...ENTRY, peer: localPeer() }
  t.equal(formatted(entry, { ...entry }, { ...entry, expiresInSeconds: 1 }), 0)
})

t.test('anything else that is another makes another line', async (t) => {
  const others: Required<AuditEntry> = {
    event: 'token.denied',
    peer: localPeer(),
    ancestors: [],
    capability: 'cd',
    grant: 'home',
    grantId: 'BBBB',
    issuer: 'https://other.example',
    scope: ['a'],
    audience: 'https://files.example',
    token: 'ca7816bf8f01cfea',
    expiresInSeconds: 287,
    generation: 8,
    rule: 'other',
    wouldDeny: { rule: 'r', reason: 'no' },
    lifted: ['no writing'],
    systemPolicy: 'ac',
    userPolicy: 'ce',
    verified: false,
    provider: 'passphrase',
    keyId: '1123456789abcdef',
    records: 4,
    reason: 'other',
    audit: { bytes: 3 },
    request: { grant: 'work' },
  }
  for (const [name, value] of Object.entries(others)) {
    if (name === 'expiresInSeconds') continue
    const entry = { ...ENTRY, peer: localPeer() }
    t.equal(formatted(entry, { ...entry, [name]: value }), 1, name)
  }
})

t.test('an entry that is changed afterwards is another', async (t) => {
  const entry: { -readonly [K in keyof AuditEntry]: AuditEntry[K] } = {
    ...ENTRY,
    peer: localPeer(),
  }
  t.equal(formatted(entry), 0)
  entry.reason = 'changed'
  t.equal(formatted(entry), 0, 'formatted, and not found')
})
