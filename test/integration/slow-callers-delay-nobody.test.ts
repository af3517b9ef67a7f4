import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { startWorld, type World } from './world.ts'

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

/** Asks until the daemon has taken every waiting connection from its accept queue. */
async function allAdmitted(world: World): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    const { body } = await world.ask('admin', 'GET', '/v1/status')
    const connections = body?.['connections'] as { readonly open: number } | undefined
    if (connections !== undefined && connections.open > SLOW_CALLERS) return true
  }
  return false
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
  for (let i = 0; i < SLOW_CALLERS; i++) {
    const socket = connect(world.sockets.broker)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(beginnings[i % beginnings.length] ?? '')
    slow.push(socket)
  }
  t.ok(await allAdmitted(world), 'the daemon holds them all')
  const busy = await medianOf(world)
  t.comment(
    `a good caller beside ${SLOW_CALLERS} half-open connections: ${(busy / quiet).toFixed(2)} of the quiet time`,
  )
  t.ok(
    slow.every((socket) => !socket.destroyed),
    'they were there all the time',
  )
  t.equal((await world.token({ grant: 'work' })).status, 200)
})

t.test('an issuer that stalls delays only the callers of its grants', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login({ grant: 'stalled' })
  await world.login({ grant: 'other' })
  t.equal((await world.token({ grant: 'other' })).status, 200)
  world.issuer.proxy.next({ kind: 'delay', milliseconds: 2_000 })
  const stalled = world.token({ grant: 'stalled' })
  const order: string[] = []
  await Promise.all([
    stalled.then(() => order.push('stalled')),
    world.token({ grant: 'other' }).then(() => order.push('cached')),
    world.token({ grant: 'other', scope: 'repo:read' }).then(() => order.push('exchanged')),
    world.ask('admin', 'GET', '/v1/status').then(() => order.push('status')),
  ])
  t.equal(order.at(-1), 'stalled', `answered in the order ${order.join(', ')}`)
})
