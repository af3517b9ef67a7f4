import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { LoginView, Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { startWorld, type World } from './world.ts'

/** Requests that one caller sends at once; a hundred thousand used to stop the daemon for 20 s. */
const PILED_UP = 5_000

/** What one connection may have open at most, in `daemon/base/limits.ts`. */
const MAX_OPEN = 256
const MAX_REFUSALS = 2_048

async function counters(world: World): Promise<Status['counters']> {
  const { status, body } = await world.ask('admin', 'GET', '/v1/status')
  if (status !== 200) throw new Error('the owner was not answered')
  return (body as unknown as Status).counters
}

/** Looks until the daemon has read what it wants to read. */
async function settled(world: World): Promise<Status['counters']> {
  let seen = await counters(world)
  for (let same = 0; same < 5; ) {
    await setTimeout(50)
    const next = await counters(world)
    same = next['refused_requests'] === seen['refused_requests'] ? same + 1 : 0
    seen = next
  }
  return seen
}

/** One caller that sends without waiting for answers. */
function pileUp(t: Test, path: string, request: string) {
  const socket = connect(path)
  t.teardown(() => socket.destroy())
  let text = ''
  socket.on('error', () => undefined)
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  socket.write(request.repeat(PILED_UP))
  const statuses = (): string[] =>
    [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status)
  return {
    socket,
    statuses,
    async answered(): Promise<void> {
      while (statuses().length < PILED_UP && !socket.destroyed) await setTimeout(20)
    },
  }
}

function isBounded(t: Test, seen: Status['counters']): void {
  t.ok((seen['open_requests'] ?? Number.NaN) <= MAX_OPEN + 1, `open: ${seen['open_requests']}`)
  const refusals = seen['unsent_refusals'] ?? Number.NaN
  t.ok(refusals > 0 && refusals < MAX_REFUSALS, `refusals to be sent: ${refusals}`)
}

t.test('long polls of one connection, piled up', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { issuer } = world
  const request = {
    grant: 'work',
    issuer: issuer.issuer,
    client_id: issuer.clientId,
    flow: 'device',
  }
  const { body } = await world.ask('admin', 'POST', '/v1/logins', { body: request })
  const { id } = body as unknown as LoginView
  const poll = `GET /v1/logins/${id}?wait=25 HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: t/1\r\n\r\n`
  const pile = pileUp(t, world.sockets.admin, poll)
  const seen = await settled(world)
  isBounded(t, seen)
  t.equal(seen['long_polls'], 32, 'few of them wait')
  t.same(pile.statuses(), [], 'they still wait')

  const { status } = await world.ask('admin', 'DELETE', `/v1/logins/${id}`)
  t.equal(status, 200, 'others are answered at their end')
  t.match(await counters(world), { long_polls: 0 })
  await pile.answered()
  t.equal(pile.statuses().length, PILED_UP, 'none is left out')
  const others = pile.statuses().filter((one) => one !== '200' && one !== '503')
  t.same(others, [], 'each has its answer, in its turn')
  const rest = await counters(world)
  t.match(rest, { open_requests: 1, unsent_refusals: 0 }, 'nothing is left but this request')
})

t.test('token requests behind an issuer that is slow, piled up', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  await world.login({ grant: 'other' })
  t.equal((await world.token({ grant: 'other' })).status, 200)
  world.issuer.proxy.next({ kind: 'delay', milliseconds: 5_000 })
  const json = '{"grant":"work"}'
  const head = `POST /v1/token HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: t/1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n`
  const pile = pileUp(t, world.sockets.broker, head + json)
  isBounded(t, await settled(world))
  t.equal((await world.token({ grant: 'other' })).status, 200, 'another caller has its token')
  t.same(pile.statuses(), [], 'they still wait')
  pile.socket.destroy()
  t.equal((await world.token({ grant: 'other' })).status, 200)
  while ((await counters(world))['unsent_refusals'] !== 0) await new Promise(setImmediate)
  t.match(await counters(world), { open_requests: 1 }, 'who left has nothing open any more')
})
