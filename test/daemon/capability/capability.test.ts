import t from 'tap'
import { endOf } from '../../../daemon/capability/capability.ts'

t.test('its time and its count end a capability, and nothing else does', async (t) => {
  const cases = [
    [{ expiresAt: 10, used: 0 }, 9, undefined],
    [{ expiresAt: 10, used: 0 }, 10, 'expired'],
    [{ expiresAt: 10, used: 9_000 }, 9, undefined],
    [{ expiresAt: 10, used: 1, uses: 2 }, 9, undefined],
    [{ expiresAt: 10, used: 2, uses: 2 }, 9, 'used_up'],
    [{ expiresAt: 10, used: 3, uses: 2 }, 9, 'used_up'],
  ] as const
  for (const [capability, now, end] of cases)
    t.equal(endOf(capability, now), end, JSON.stringify([capability, now]))
})
