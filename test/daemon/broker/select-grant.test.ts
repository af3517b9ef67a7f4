import t from 'tap'
import { currentGrants, selectGrant } from '../../../daemon/broker/select-grant.ts'
import { ISSUER, sampleGrant } from '../../fakes/sample-grant.ts'

const OTHER = 'https://other.example'

const work = sampleGrant({ id: 'a', name: 'work', createdAt: 1 })
const home = sampleGrant({ id: 'b', name: 'home', createdAt: 2 })
const elsewhere = sampleGrant({
  id: 'c',
  name: 'elsewhere',
  createdAt: 3,
  metadata: { issuer: OTHER, token_endpoint: `${OTHER}/token` },
})
const revoked = sampleGrant({
  id: 'd',
  name: 'old',
  createdAt: 0,
  state: { kind: 'revoked', at: 1, revocation: 'none' },
})

t.test('a grant is found by its name, or by its issuer when only one has it', async (t) => {
  const grants = [work, home, elsewhere]
  t.equal(selectGrant(grants, { grant: 'home' }).id, 'b')
  t.equal(selectGrant(grants, { grant: 'home', issuer: ISSUER }).id, 'b')
  t.equal(selectGrant(grants, { issuer: OTHER }).id, 'c')
})

t.test('what names no grant, or more than one, is refused', async (t) => {
  const grants = [work, home, elsewhere]
  const cases = [
    [{ grant: 'nobody' }, { code: 'unknown_grant', hint: 'grantd login nobody' }],
    [{ grant: 'work', issuer: OTHER }, { code: 'unknown_grant' }],
    [{ issuer: 'https://nobody.example' }, { code: 'unknown_grant' }],
    [{ issuer: ISSUER }, { code: 'invalid_request', message: /several grants/ }],
    [{}, { code: 'invalid_request' }],
    [{ grant: 'constructor' }, { code: 'unknown_grant' }],
  ] as const
  for (const [wanted, error] of cases)
    t.throws(() => selectGrant(grants, wanted), error, JSON.stringify(wanted))
})

t.test('of one name the newest counts', async (t) => {
  const newer = sampleGrant({ id: 'z', name: 'work', createdAt: 9 })
  t.equal(selectGrant([work, newer], { grant: 'work' }).id, 'z')
  t.equal(selectGrant([work, newer], { issuer: ISSUER }).id, 'z')
  t.same(
    currentGrants([work, home, newer]).map((grant) => grant.id),
    ['z', 'b'],
  )
})

t.test(
  'a revoked grant makes no issuer ambiguous, and alone it says why there is no token',
  async (t) => {
    t.equal(selectGrant([revoked, work], { issuer: ISSUER }).id, 'a')
    t.equal(selectGrant([revoked], { issuer: ISSUER }).id, 'd')
    const other = { ...revoked, id: 'e', name: 'older' }
    t.equal(selectGrant([other, revoked], { issuer: ISSUER }).id, 'd')
  },
)
