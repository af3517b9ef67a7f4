import { request } from 'node:http'
import t, { type Test } from 'tap'
import { startCannedServer } from './canned-server.ts'
import { redirectTo } from './faults.ts'
import { FAULTS, startFaultyProxy } from './faulty-proxy.ts'

const BODY = '{"refresh_token":"next"}'

/** A server that answers every request with the same body, and the proxy in front of it. */
async function startPair(t: Test) {
  const server = await startCannedServer(() => ({ body: BODY }))
  t.teardown(() => server.close())
  const proxy = await startFaultyProxy()
  t.teardown(() => proxy.close())
  proxy.forwardTo(Number(new URL(server.origin).port))
  const post = (): Promise<Response> =>
    fetch(`${proxy.origin}/token`, {
      method: 'POST',
      body: new URLSearchParams({ refresh_token: 'first' }),
      redirect: 'manual',
    })
  return { server, proxy, post }
}

t.test('a duplicated request reaches the server twice, and one answer comes back', async (t) => {
  const { server, proxy, post } = await startPair(t)
  proxy.next(FAULTS.duplicate)
  t.equal(await (await post()).text(), BODY)
  t.same(
    server.requests.map(({ form }) => form.get('refresh_token')),
    ['first', 'first'],
  )
})

t.test('a slow drip brings the whole answer byte by byte', async (t) => {
  const { proxy } = await startPair(t)
  proxy.next(FAULTS.slowDrip)
  const parts = await new Promise<readonly string[]>((resolve, reject) => {
    const read: string[] = []
    request(`${proxy.origin}/token`, { method: 'POST' })
      .once('error', reject)
      .once('response', (answer) => {
        answer.setEncoding('utf8').on('data', (part: string) => read.push(part))
        answer.once('end', () => resolve(read))
      })
      .end()
  })
  t.equal(parts.join(''), BODY)
  t.ok(parts.length > 5, `${parts.length} parts`)
})

t.test('errors and redirects after the server has acted', async (t) => {
  const { server, proxy, post } = await startPair(t)
  proxy.next(FAULTS.serverErrorAfter)
  proxy.next(FAULTS.unavailableAfter)
  proxy.next(redirectTo('http://elsewhere.example/', true))
  proxy.next(redirectTo('http://elsewhere.example/'))
  const statuses = []
  for (let i = 0; i < 4; i++) statuses.push((await post()).status)
  t.same(statuses, [500, 503, 307, 307])
  t.equal(server.requests.length, 3, 'the last one never got there')
})

t.test('a held request reaches the server when it is released', async (t) => {
  const { server, proxy, post } = await startPair(t)
  proxy.next({ kind: 'hold_request', next: { kind: 'hold' } })
  const answer = post()
  await proxy.held()
  t.equal(server.requests.length, 0)
  proxy.release()
  await proxy.held()
  t.equal(server.requests.length, 1)
  proxy.release()
  t.equal((await answer).status, 200)
})

t.test('what is discarded gets nowhere', async (t) => {
  const { server, proxy, post } = await startPair(t)
  proxy.next({ kind: 'hold_request' })
  const answer = post()
  await Promise.all([proxy.held().then(() => proxy.discard()), t.rejects(answer)])
  t.equal(server.requests.length, 0)
})

t.test('a stalled answer begins and waits', async (t) => {
  const { proxy, post } = await startPair(t)
  proxy.next({ kind: 'stall', afterBytes: 5 })
  const answer = await post()
  const reader = answer.body?.getReader()
  const first = await reader?.read()
  t.equal(Buffer.from(first?.value ?? []).toString(), BODY.slice(0, 5))
  proxy.release()
  const second = await reader?.read()
  t.equal(Buffer.from(second?.value ?? []).toString(), BODY.slice(5))
})
