import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { type Answer, startWorld, type World } from './world.ts'

/** Half-open connections; the closest peer hangs at one. */
const SLOW_CALLERS = 200
const ROUNDS = 60

/** Milliseconds of one request, the median of some. */
async function medianOf(world: World): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now()
    const answer = await world.token({ grant: 'work' })
    if (answer.status !== 200) throw new Error(answer.text)
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[ROUNDS / 2] ?? Number.NaN
}

/** How many connections the daemon has, besides the one that asks. */
async function openConnections(world: World): Promise<number> {
  const { body } = await world.ask('admin', 'GET', '/v1/status')
  const connections = body?.['connections'] as { readonly open: number } | undefined
  return connections === undefined ? Number.NaN : connections.open - 1
}

/** Connects and begins a request; what it never does is end it. */
async function beginRequest(world: World, beginning: string): Promise<Socket> {
  const socket = connect(world.sockets.broker)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(beginning)
  return socket
}

t.test('callers that never finish their request delay nobody', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  await medianOf(world)
  const quiet = await medianOf(world)

  const slow: Socket[] = []
  t.teardown(() => slow.forEach((socket) => void socket.destroy()))
  const beginnings = [
    '',
    'POST /v1/token HTTP/1.1\r\nHost: gra',
    'POST /v1/token HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: slow/1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"gr',
  ]
  const begun = Array.from({ length: SLOW_CALLERS }, (_, i) =>
    beginRequest(world, beginnings[i % beginnings.length] ?? ''),
  )
  slow.push(...(await Promise.all(begun)))
  // the accept queue of a listener is served in order: whoever asks now comes behind all of them
  t.equal((await world.ask('broker', 'GET', '/v1/health')).status, 200)
  t.equal(await openConnections(world), SLOW_CALLERS, 'the daemon admitted them all')
  const busy = await medianOf(world)
  t.comment(
    `a good caller beside ${SLOW_CALLERS} half-open connections: ${(busy / quiet).toFixed(2)} of the quiet time`,
  )
  t.equal((await world.token({ grant: 'work' })).status, 200)
})

t.test('an issuer that stalls delays only the callers of its grants', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login({ grant: 'stalled' })
  await world.login({ grant: 'other' })
  t.equal((await world.token({ grant: 'other' })).status, 200)
  const exchanges = world.issuer.counts('refresh_token')
  // longer than the daemon waits for an issuer: it is the deadline that ends the stall
  world.issuer.proxy.next({ kind: 'delay', milliseconds: 15_000 })
  let isStalled = true
  const stalled = world.token({ grant: 'stalled' }).finally(() => {
    isStalled = false
  })
  while (world.issuer.counts('refresh_token') === exchanges) await setTimeout(10)
  const others: Readonly<Record<string, () => Promise<Answer>>> = {
    'a cached token': () => world.token({ grant: 'other' }),
    'an exchange': () => world.token({ grant: 'other', scope: 'repo:read' }),
    'the status': () => world.ask('admin', 'GET', '/v1/status'),
  }
  await Promise.all(
    Object.entries(others).map(async ([name, ask]) => {
      t.equal((await ask()).status, 200, name)
      t.ok(isStalled, `${name} came before the one that stalls`)
    }),
  )
  t.equal((await stalled).status, 503)
})
