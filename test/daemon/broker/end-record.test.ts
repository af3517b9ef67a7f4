import t from 'tap'
import { endRecord } from '../../../daemon/broker/end-record.ts'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'
import { MAX_KEPT_TOKENS, unpackTokens } from '../../../daemon/vault/kept-tokens.ts'
import { accessToken } from '../../fakes/access-token.ts'
import { sampleGrant, sampleRecord } from '../../fakes/sample-grant.ts'

const END = { at: 7, lastUsedAt: undefined }
const token = (value: string) => accessToken(0, 300, value)
const values = ({ accessTokens }: GrantRecord) =>
  unpackTokens(accessTokens).map(({ value }) => value)

t.test('a grant that ends has its tokens to be told about', async (t) => {
  const ended = endRecord(sampleRecord(), [token('at-1'), token('at-2')], { at: 7, lastUsedAt: 5 })
  t.match(ended.grant, {
    lastUsedAt: 5,
    state: {
      kind: 'revoked',
      at: 7,
      revocation: 'queued',
      report: { attempts: 0, isVerified: false, accessTokens: { revoked: 0, failed: 2 } },
    },
  })
  t.same(values(ended), ['at-1', 'at-2'])
  t.equal(ended.refreshToken?.reveal(), 'rt-1')
})

t.test('without tokens there is nothing to tell', async (t) => {
  const bare = { grant: sampleGrant() }
  t.strictSame(endRecord(bare, [], END).grant.state, { kind: 'revoked', at: 7, revocation: 'none' })
  t.match(endRecord(bare, [token('at-1')], END).grant.state, { revocation: 'queued' })
  const registered = { grant: sampleGrant({ registration: {} }) }
  t.match(endRecord(registered, [], END).grant.state, { revocation: 'queued' }, 'but its client')
  const queued = endRecord(sampleRecord(), [], END)
  t.strictSame(queued.grant.state, { kind: 'revoked', at: 7, revocation: 'queued' })
  t.notOk('lastUsedAt' in queued.grant)
})

t.test('a token that came late joins the others, each once', async (t) => {
  const first = endRecord(sampleRecord(), [token('at-1')], END)
  const second = endRecord(first, [token('at-1'), token('late')], { at: 9, lastUsedAt: 9 })
  t.same(values(second), ['at-1', 'late'])
  t.match(second.grant.state, { at: 7, report: { accessTokens: { failed: 2 } } })
  t.equal(endRecord(second, [], END), second)
  const settled = { grant: sampleGrant({ state: { kind: 'revoked', at: 1, revocation: 'none' } }) }
  t.equal(endRecord(settled, [token('at-1')], END), settled)
})

t.test('tokens that a refresh has ended are left out', async (t) => {
  const record = sampleRecord({ refreshInvalidatesAccessTokens: true, generation: 2 })
  const tokens = [
    { ...token('old'), generation: 1 },
    { ...token('new'), generation: 2 },
  ]
  t.same(values(endRecord(record, tokens, END)), ['new'])
})

t.test('what a record has no room for counts as not revoked', async (t) => {
  const many = Array.from({ length: MAX_KEPT_TOKENS + 2 }, (_, at) => token(`at-${at}`))
  const ended = endRecord(sampleRecord(), many, END)
  t.equal(values(ended).length, MAX_KEPT_TOKENS)
  t.match(ended.grant.state, { report: { accessTokens: { failed: MAX_KEPT_TOKENS + 2 } } })
})
