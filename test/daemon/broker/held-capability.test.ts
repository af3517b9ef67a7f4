import t from 'tap'
import { HeldCapability } from '../../../daemon/broker/held-capability.ts'
import type { Capability, CapabilityEnd } from '../../../daemon/capability/capability.ts'
import { FREE_TERMS } from '../../../daemon/policy/terms.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'

interface Kept {
  readonly held: HeldCapability
  readonly clock: FakeClock
  readonly written: number[]
  readonly ends: CapabilityEnd[]
  readonly say: { isAlive: boolean; write: () => Promise<void> }
}

function keep(changes: Partial<Capability> = {}): Kept {
  const clock = new FakeClock()
  const written: number[] = []
  const ends: CapabilityEnd[] = []
  const say = { isAlive: true, write: async (): Promise<void> => undefined }
  const held = new HeldCapability(sampleCapability(changes), {
    clock,
    isBoundAlive: () => say.isAlive,
    write: async ({ used }) => {
      await say.write()
      written.push(used)
    },
    onOver: (end) => ends.push(end),
  })
  return { held, clock, written, ends, say }
}

const denied = { code: 'access_denied' }

t.test('a request is understood as one of its own grant and audience, or refused', async (t) => {
  const { held } = keep()
  const own = { grant: 'work', audience: 'https://api.example' }
  t.same(held.within({}), own)
  t.same(held.within({ ...own, scope: 'repo:read', min_ttl: 5 }), {
    ...own,
    scope: 'repo:read',
    min_ttl: 5,
  })
  for (const request of [
    { grant: 'other' },
    { audience: 'https://elsewhere.example' },
    { scope: 'repo:write' },
    { scope: 'repo:read repo:write' },
  ])
    t.throws(() => held.within(request), denied, JSON.stringify(request))
  const { held: bare } = keep({ audience: undefined } as unknown as Partial<Capability>)
  t.same(bare.within({}), { grant: 'work' })
  t.throws(() => bare.within({ audience: 'https://api.example' }), denied)
})

t.test('a yes of policy is narrowed, and never widened', async (t) => {
  const { held } = keep()
  const yes = { kind: 'allow' as const, rule: 'r', limits: ['l'], ...FREE_TERMS }
  t.match(held.narrow(yes), {
    rule: 'r',
    limits: ['l', 'capability ci'],
    scopeCap: ['repo:read'],
    maxLifetimeSeconds: 300,
  })
  t.match(held.narrow({ ...yes, scopeCap: ['repo:write'], maxLifetimeSeconds: 60 }), {
    scopeCap: [],
    maxLifetimeSeconds: 60,
  })
})

t.test('uses are counted one by one, durably, and the last one ends it', async (t) => {
  const { held, written, ends } = keep({ uses: 2 })
  const asked = await Promise.allSettled([held.spend(), held.spend(), held.spend()])
  t.same(
    asked.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  )
  t.same(written, [1, 2])
  t.same(ends, ['used_up'])
  t.doesNotThrow(() => held.requireOpen(), 'the last one still gets its token')
  t.throws(() => held.within({}), denied)
})

t.test('a use that cannot be written is none, and the next one can be', async (t) => {
  const { held, say, written } = keep({ uses: 1 })
  say.write = async () => {
    throw new Error('disk full')
  }
  await t.rejects(held.spend(), /disk full/)
  t.equal(held.facts.used, 0)
  say.write = async () => undefined
  await held.spend()
  t.same(written, [1])
})

t.test('a count that ends nothing is written now and then', async (t) => {
  const { uses: _uses, ...unlimited } = sampleCapability()
  const { held, written, say } = keep()
  const free = new HeldCapability(unlimited, {
    clock: new FakeClock(),
    isBoundAlive: () => true,
    write: async ({ used }) => {
      await say.write()
      written.push(used)
    },
    onOver: () => undefined,
  })
  await free.save()
  await free.spend()
  await free.spend()
  t.same(written, [])
  say.write = async () => {
    throw new Error('disk full')
  }
  await t.rejects(free.save())
  say.write = async () => undefined
  await free.save()
  await free.save()
  t.same(written, [2])
  held.over('removed')
  await held.save()
  t.same(written, [2], 'nothing is written of one that is over')
})

t.test('time, process, grant and removal end it for good, whoever looks first', async (t) => {
  for (const [end, happen] of [
    ['expired', ({ clock }: Kept) => clock.advance(86_400_000)],
    ['expired', ({ clock }: Kept) => clock.jump(86_400_000)],
    [
      'expired',
      ({ clock }: Kept) => {
        clock.jump(-86_400_000)
        clock.advance(86_400_000)
      },
    ],
    ['process_ended', ({ say }: Kept) => Object.assign(say, { isAlive: false })],
    ['removed', ({ held }: Kept) => held.over('removed')],
  ] as const) {
    const kept = keep()
    t.equal(kept.held.look(), undefined)
    happen(kept)
    t.throws(() => kept.held.requireOpen(), denied)
    await t.rejects(kept.held.spend(), denied)
    t.throws(() => kept.held.within({}), denied)
    kept.say.isAlive = true
    t.equal(kept.held.look(), end)
    t.same(kept.ends, [end])
    t.same(kept.written, [])
  }
  const { held, ends } = keep()
  t.doesNotThrow(() => held.requireLogin({ id: held.facts.grantId }))
  t.throws(() => held.requireLogin({ id: 'another' }), denied)
  t.same(ends, ['grant_ended'])
})
