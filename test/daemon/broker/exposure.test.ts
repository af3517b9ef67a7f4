import t from 'tap'
import { exposureOf, type Surroundings } from '../../../daemon/broker/exposure.ts'
import { sampleGrant } from '../../fakes/sample-grant.ts'

const NOW = Date.UTC(2030, 0, 31)
const DAY_MS = 86_400_000

const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
  lifetime: { sessionAgeSeconds: 600 },
  usedAt: NOW,
  isOutlived: false,
  now: NOW,
  ...changes,
})

t.test('each flag says one thing', async (t) => {
  const fresh = sampleGrant({ createdAt: NOW, lastRefreshedAt: NOW, isRotating: true })
  const of = exposureOf
  t.same(of(fresh, around()), [])
  t.same(of({ ...fresh, isRotating: false }, around()), ['non_rotating'])
  const { isRotating: _, ...never } = fresh
  t.same(of(never, around()), [], 'nobody knows before the first refresh')
  t.same(of(fresh, around({ lifetime: {} })), ['never_expiring'])
  t.same(of(fresh, around({ lifetime: { accessTokenSeconds: 60 } })), ['never_expiring'])
  t.same(of(fresh, around({ lifetime: { idleAgeSeconds: 60 } })), [])
  t.same(of(fresh, around({ usedAt: NOW - 30 * DAY_MS })), [])
  t.same(of(fresh, around({ usedAt: NOW - 30 * DAY_MS - 1 })), ['unused_30d'])
  t.same(of(fresh, around({ usedAt: undefined })), [], 'a login of today')
  const old = { ...fresh, createdAt: NOW - 31 * DAY_MS }
  t.same(of(old, around({ usedAt: undefined })), ['unused_30d'])
  t.same(of(fresh, around({ isOutlived: true })), ['older_than_policy'])
  t.same(of(old, around({ usedAt: undefined, lifetime: {} })), ['never_expiring', 'unused_30d'])
})

t.test('what is over is exposed to nothing', async (t) => {
  for (const state of [
    { kind: 'revoked', at: 1, revocation: 'queued' },
    { kind: 'login_required', reason: 'expired' },
  ] as const)
    t.same(exposureOf(sampleGrant({ state }), around({ lifetime: {}, isOutlived: true })), [])
})
