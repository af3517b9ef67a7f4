import t from 'tap'
import { capabilityDetail, newCapability } from '../../../daemon/broker/new-capability.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'
import { sampleGrant } from '../../fakes/sample-grant.ts'

const AT = Date.UTC(2030, 0, 1)
const where = { at: AT, defaultPath: '/run/ci.sock' }
const asked = { name: 'ci', grant: 'work' }

t.test('what is left out has a small default', async (t) => {
  const grant = sampleGrant()
  t.match(newCapability(grant, asked, where), {
    grantId: grant.id,
    scope: grant.scopes[grant.audiences[0] ?? ''] ?? [],
    maxTtlSeconds: 300,
    uses: undefined,
    used: 0,
    createdAt: AT,
    expiresAt: AT + 12 * 3_600_000,
    path: '/run/ci.sock',
  })
  t.match(
    newCapability(
      grant,
      { ...asked, max_ttl: 60, uses: 5, expires_in: 10, path: '/d/s', gid: 7 },
      where,
    ),
    { maxTtlSeconds: 60, uses: 5, expiresAt: AT + 10_000, path: '/d/s', gid: 7 },
  )
})

t.test('what the grant cannot give is refused before there is a socket', async (t) => {
  const grant = sampleGrant()
  for (const [changes, request, code] of [
    [{}, { scope: 'never:granted' }, 'invalid_scope'],
    [{}, { audience: 'https://elsewhere.example' }, 'invalid_target'],
    [{}, { gid: 7 }, 'invalid_request'],
    [{ state: { kind: 'login_required', reason: 'r' } }, {}, 'login_required'],
    [{ state: { kind: 'revoked', at: AT, revocation: 'none' } }, {}, 'login_required'],
  ] as const)
    t.throws(() => newCapability({ ...grant, ...changes }, { ...asked, ...request }, where), {
      code,
    })
})

t.test('what is told has every member that is there', async (t) => {
  t.same(capabilityDetail(sampleCapability({ bound: { pid: 7, startTime: '5' } })), {
    name: 'ci',
    grant: 'work',
    scope: 'repo:read',
    audience: 'https://api.example',
    max_ttl: 300,
    used: 0,
    uses: 2,
    created_at: '2030-01-01T00:00:00.000Z',
    expires_at: '2030-01-02T00:00:00.000Z',
    path: '/run/ci.sock',
    bound_pid: 7,
    gid: 1000,
  })
})
