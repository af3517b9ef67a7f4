import t, { type Test } from 'tap'
import { startCannedServer } from '../issuers/canned-server.ts'
import { FAULTS, type Fault, redirectTo } from '../issuers/faults.ts'
import { createVictim } from '../torture/victim.ts'
import { startWorld, type World } from './world.ts'

/** What the logins say of the issuer that repeats its answers. */
const GRACE_SECONDS = 8

/** What a fault costs, by the table of retries. */
interface Cost {
  readonly fault: Fault
  /** What the first caller hears. */
  readonly first: 'token' | 'refresh_in_doubt' | 'issuer_unreachable'
  /** Requests that reach the token endpoint until there is a token, the first one included. */
  readonly posts: number
  /** Whether a grant survives where a used refresh token ends the family. */
  readonly survivesFamily: boolean
}

const COSTS: Readonly<Record<string, Cost>> = {
  'the request is dropped': {
    fault: FAULTS.dropBefore,
    first: 'refresh_in_doubt',
    posts: 1,
    survivesFamily: true,
  },
  'the answer is dropped': {
    fault: FAULTS.dropAfter,
    first: 'refresh_in_doubt',
    posts: 2,
    survivesFamily: false,
  },
  'the answer stops in the middle of its refresh token': {
    fault: { kind: 'rewrite', rewrite: (answer) => ({ ...answer, cutAfterBytes: 40 }) },
    first: 'refresh_in_doubt',
    posts: 2,
    survivesFamily: false,
  },
  'the answer loses its last bytes': {
    fault: FAULTS.truncated,
    first: 'issuer_unreachable',
    posts: 2,
    survivesFamily: true,
  },
  'a gateway answers 500 once the issuer has acted': {
    fault: FAULTS.serverErrorAfter,
    first: 'issuer_unreachable',
    posts: 2,
    survivesFamily: false,
  },
  'a gateway answers 503 once the issuer has acted': {
    fault: FAULTS.unavailableAfter,
    first: 'issuer_unreachable',
    posts: 2,
    survivesFamily: false,
  },
  'the issuer says 500': {
    fault: FAULTS.serverError,
    first: 'issuer_unreachable',
    posts: 1,
    survivesFamily: true,
  },
  'the issuer asks to wait': {
    fault: FAULTS.unavailable,
    first: 'issuer_unreachable',
    posts: 1,
    survivesFamily: true,
  },
  'a portal answers': {
    fault: FAULTS.html,
    first: 'issuer_unreachable',
    posts: 1,
    survivesFamily: true,
  },
  'the request arrives twice': {
    fault: FAULTS.duplicate,
    first: 'token',
    posts: 2,
    survivesFamily: false,
  },
  'the answer drips in': { fault: FAULTS.slowDrip, first: 'token', posts: 1, survivesFamily: true },
  'the answer is no JSON any more': {
    fault: FAULTS.malformed,
    first: 'issuer_unreachable',
    posts: 2,
    survivesFamily: true,
  },
}

/** A daemon whose pauses end when the test says so, and a login at an issuer with or without grace. */
async function startVictim(t: Test, rotationGraceSeconds: number) {
  const victim = createVictim()
  const world = await startWorld({ issuer: { rotationGraceSeconds }, preload: victim.preload })
  t.teardown(() => world.close())
  let grants = 0
  const logIn = async (): Promise<string> => {
    const grant = `grant-${++grants}`
    await world.login({ grant, ...(rotationGraceSeconds > 0 && { rotation_grace: GRACE_SECONDS }) })
    return grant
  }
  /** Asks until the answer is final, as soon as the daemon lets it ask. */
  const settled = async (grant: string, scope?: string): Promise<number> => {
    for (let asked = 0; asked < 5; asked++) {
      const { status, body } = await world.token({ grant, scope })
      if (status !== 503) return status
      await victim.advance(Number(body?.['retry_after']))
    }
    return 503
  }
  return { world, logIn, settled }
}

/** What the first of all callers hears, in time for an issuer that repeats its answer for so long. */
async function firstWord(world: World, grant: string, withinSeconds = 60): Promise<unknown> {
  const { status, body } = await world.token({ grant })
  if (status === 200) return 'token'
  const isInTime = Number(body?.['retry_after']) < withinSeconds
  return isInTime ? body?.['code'] : `too late: ${JSON.stringify(body)}`
}

t.test('where the issuer repeats its answer a grant outlives every fault', async (t) => {
  const { world, logIn, settled } = await startVictim(t, 60)
  for (const [name, { fault, first, posts }] of Object.entries(COSTS)) {
    const grant = await logIn()
    const before = world.issuer.counts('refresh_token')
    world.issuer.proxy.next(fault)
    t.equal(await firstWord(world, grant, GRACE_SECONDS), first, name)
    t.equal(await settled(grant), 200, `${name}: a token`)
    t.equal(world.issuer.counts('refresh_token') - before, posts, `${name}: requests`)
    t.equal(await settled(grant, 'repo:write'), 200, `${name}: the grant lives`)
  }
})

t.test('where it ends the family a grant outlives what it can', async (t) => {
  const { world, logIn, settled } = await startVictim(t, 0)
  for (const [name, { fault, first, survivesFamily }] of Object.entries(COSTS)) {
    const grant = await logIn()
    world.issuer.proxy.next(fault)
    t.equal(await firstWord(world, grant), first, name)
    t.equal(await settled(grant, 'repo:write'), survivesFamily ? 200 : 401, name)
  }
})

t.test(
  'an answer that comes after the deadline is asked for once more, and never twice',
  async (t) => {
    const { world, logIn, settled } = await startVictim(t, 60)
    const grant = await logIn()
    const { proxy } = world.issuer
    const before = world.issuer.counts('refresh_token')
    proxy.next({ kind: 'hold' })
    const callers = Array.from({ length: 5 }, () => firstWord(world, grant))
    t.same([...new Set(await Promise.all(callers))], ['refresh_in_doubt'])
    t.equal(world.issuer.counts('refresh_token') - before, 1, 'all of them waited for one request')
    t.equal(await settled(grant), 200)
    proxy.release()
    t.equal(await settled(grant, 'repo:write'), 200)
    t.equal(world.issuer.counts('refresh_token') - before, 3)
  },
)

t.test('a redirect of the token request is followed nowhere', async (t) => {
  const { world, logIn, settled } = await startVictim(t, 60)
  const catcher = await startCannedServer(() => ({ body: '{}' }))
  t.teardown(() => catcher.close())
  for (const acts of [false, true]) {
    const grant = await logIn()
    world.issuer.proxy.next(redirectTo(`${catcher.origin}/token`, acts))
    t.equal(await firstWord(world, grant), 'issuer_unreachable')
    t.equal(await settled(grant), 200)
  }
  t.same(catcher.requests, [])
})
