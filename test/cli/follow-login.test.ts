import { GrantdError } from '@grantd/client'
import type { LoginView } from '@grantd/client/protocol'
import t from 'tap'
import { followLogin } from '../../cli/follow-login.ts'
import type { Call } from '../../cli/world.ts'
import { DEVICE_LOGIN } from '../fakes/cli-answers.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

const COMPLETE: LoginView = { ...DEVICE_LOGIN, state: 'complete' }

/** Answers one step a request; an error is thrown. */
function scripted(...steps: (LoginView | Error | (() => LoginView))[]) {
  const calls: Call[] = []
  const request = async (call: Call): Promise<unknown> => {
    calls.push(call)
    const step = steps.shift()
    if (step instanceof Error) throw step
    return typeof step === 'function' ? step() : step
  }
  return { calls, admin: { request } }
}

function follow(admin: ReturnType<typeof scripted>['admin'], controller = new AbortController()) {
  const { timers } = new FakeWorld()
  const seen: string[] = []
  const onView = (view: LoginView) => seen.push(view.state)
  const done = followLogin({ admin, timers, signal: controller.signal, onView }, DEVICE_LOGIN)
  return { done, timers, seen }
}

t.test('long polls until the login has ended, and never in a tight loop', async (t) => {
  const { calls, admin } = scripted(DEVICE_LOGIN, COMPLETE)
  const { done, timers, seen } = follow(admin)
  t.equal(await done, COMPLETE)
  t.same(seen, ['pending', 'complete'])
  t.same(timers.slept, [1000], 'it had answered at once')
  t.match(calls[0], { method: 'GET', path: `/v1/logins/${DEVICE_LOGIN.id}?wait=25` })
  t.ok((calls[0]?.timeoutMs ?? 0) > 25_000)
})

t.test('a login that has ended already is not asked for', async (t) => {
  const { calls, admin } = scripted()
  const { timers } = new FakeWorld()
  const signal = new AbortController().signal
  const done = await followLogin({ admin, timers, signal, onView: () => {} }, COMPLETE)
  t.same([done, calls], [COMPLETE, []])
})

t.test('an overloaded daemon is asked again, when it says so', async (t) => {
  const late = new GrantdError('overloaded', 'too much', { retryAfterSeconds: 4 })
  const { admin } = scripted(late, new GrantdError('overloaded', 'too much'), COMPLETE)
  const { done, timers } = follow(admin)
  t.equal(await done, COMPLETE)
  t.same(timers.slept, [4000, 1000])
})

t.test('other errors end it', async (t) => {
  const gone = new GrantdError('unknown_grant', 'no such login')
  await t.rejects(follow(scripted(gone).admin).done, gone)
  const bug = new Error('no daemon')
  await t.rejects(follow(scripted(bug).admin).done, bug)
  await t.rejects(follow(scripted({} as LoginView).admin).done, { message: /has no "state"/ })
})

t.test('a signal ends the wait, during a poll and between two', async (t) => {
  const during = new AbortController()
  const interrupted = () => {
    during.abort()
    throw during.signal.reason
  }
  t.equal(await follow(scripted(interrupted).admin, during).done, undefined)

  const between = new AbortController()
  const answered = () => {
    between.abort()
    return DEVICE_LOGIN
  }
  t.equal(await follow(scripted(answered).admin, between).done, undefined)
})

t.test('a login that completes under the signal is complete', async (t) => {
  const controller = new AbortController()
  const { admin } = scripted(() => {
    controller.abort()
    return COMPLETE
  })
  t.equal(await follow(admin, controller).done, COMPLETE)
})

t.test('no pause is longer than a minute, whatever the daemon names', async (t) => {
  for (const retryAfterSeconds of [90 * 86_400, Number.MAX_SAFE_INTEGER]) {
    const busy = new GrantdError('overloaded', 'busy', { retryAfterSeconds })
    const { admin } = scripted(busy, COMPLETE)
    const { done, timers } = follow(admin)
    t.equal(await done, COMPLETE)
    t.same(timers.slept, [60_000])
  }
})
