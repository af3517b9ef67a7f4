import t from 'tap'
import { PendingRequest } from '#sdk/pending-request'

/** A request that notes down what becomes of it. */
function pending(timeoutMs: number, signal?: AbortSignal) {
  const seen: unknown[] = []
  const request = new PendingRequest({
    text: '',
    once: false,
    timeoutMs,
    signal,
    resolve: (value) => seen.push(['resolved', value]),
    reject: (error) => seen.push(['rejected', error]),
  })
  return { request, seen }
}

t.test('it settles once, whatever comes later', async (t) => {
  const { request, seen } = pending(10_000)
  t.equal(request.isSettled, false)
  request.resolve(1)
  request.resolve(2)
  request.reject(new Error('late'))
  t.equal(request.isSettled, true)
  t.same(seen, [['resolved', 1]])
})

t.test('the deadline gives it up and says so', async (t) => {
  const { request, seen } = pending(1)
  const keepAlive = setTimeout(() => {}, 10_000)
  await new Promise<void>((resolve) => {
    request.onGiveUp = resolve
  })
  clearTimeout(keepAlive)
  t.match(seen, [['rejected', { reason: 'timed_out', message: 'no answer within 1 ms' }]])
})

t.test('its signal gives it up with the reason of the signal', async (t) => {
  const controller = new AbortController()
  const { seen } = pending(10_000, controller.signal)
  const reason = new Error('enough')
  controller.abort(reason)
  t.same(seen, [['rejected', reason]])
})
