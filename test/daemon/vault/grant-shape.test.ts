import t from 'tap'
import { isGrant } from '../../../daemon/vault/grant-shape.ts'
import { sampleGrant } from './sample-records.ts'

const INTENT = { tokenHash: 'h', startedAt: 1, attempt: 1 }

const fine: Record<string, object> = {
  'as it is after a login': {},
  'used and refreshed': { lastUsedAt: 2, lastRefreshedAt: 2 },
  refreshing: { state: { kind: 'refreshing', intent: INTENT } },
  'in doubt': { state: { kind: 'in_doubt', intent: INTENT } },
  dead: { state: { kind: 'login_required', reason: 'expired' } },
  revoked: { state: { kind: 'revoked', at: 1, revocation: 'queued' } },
}
for (const [name, changes] of Object.entries(fine)) {
  t.test(`a grant ${name} is a grant`, async (t) => {
    t.ok(isGrant({ ...sampleGrant(), ...changes }))
  })
}

const strange: Record<string, object> = {
  'a missing member': { id: undefined },
  'an unknown member': { refreshToken: 'x' },
  'an inherited name as a member': { toString: 'x' },
  'a number that is none': { generation: Number.NaN },
  'a text that is none': { name: 1 },
  'a flag that is none': { refreshInvalidatesAccessTokens: 'no' },
  'an unknown word': { flow: 'carrier pigeon' },
  'scopes that are no lists': { scopes: { '': 'repo' } },
  'scopes that are a list': { scopes: [] },
  'audiences that are no texts': { audiences: [1] },
  'no metadata': { metadata: null },
  'an unknown endpoint': { metadata: { issuer: 'i', token_endpoint: 't', other: 'x' } },
  'an unknown state': { state: { kind: 'toString' } },
  'a state without a kind': { state: {} },
  'no state': { state: 'active' },
  'a state with more than it has': { state: { kind: 'active', reason: 'x' } },
  'an intent without a time': {
    state: { kind: 'refreshing', intent: { tokenHash: 'h', attempt: 1 } },
  },
}
for (const [name, changes] of Object.entries(strange)) {
  t.test(`${name} is no grant`, async (t) => {
    t.notOk(isGrant({ ...sampleGrant(), ...changes }))
  })
}

for (const value of [undefined, null, 1, 'grant', [], [sampleGrant()]]) {
  t.test(`${JSON.stringify(value)} is no grant`, async (t) => {
    t.notOk(isGrant(value))
  })
}
