import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  type Admission,
  type AdmitOptions,
  admitConnections,
  type Refusal,
} from '../../../daemon/listener/admit-connection.ts'
import { ConnectionBudget } from '../../../daemon/listener/connection-budget.ts'
import type { Peer } from '../../../daemon/peer/peer.ts'
import { sampleInquiry } from '../../fakes/local-peer.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

interface Scene {
  readonly admission: Admission
  readonly budget: ConnectionBudget
  readonly refused: (readonly [Refusal, Peer | undefined])[]
  /** How often a process handle was let go. */
  readonly released: () => number
  /** Connects; resolves when the server has accepted or destroyed the connection. */
  readonly connect: () => Promise<Socket>
  /** Resolves when the server saw so many connections close. */
  readonly accepted: Socket[]
  readonly path: string
}

async function scene(
  t: Test,
  peerOf: () => Peer,
  changes: Partial<AdmitOptions> = {},
): Promise<Scene> {
  const budget = changes.budget ?? new ConnectionBudget({ inAll: 1_000, perPid: 100 })
  const server = createServer((_request, response) => response.end('heard'))
  const refused: Scene['refused'] = []
  const accepted: Socket[] = []
  let released = 0
  const admission = admitConnections(server, {
    uid: 1000,
    budget,
    connectionOf: () => ({
      peer: peerOf(),
      inquiry: sampleInquiry(),
      isSameProcess: () => true,
      release: () => {
        released += 1
      },
    }),
    onRefused: (refusal, peer) => refused.push([refusal, peer]),
    ...changes,
  })
  server.on('connection', (socket: Socket) => accepted.push(socket))
  const path = join(shortDirectory(t), 's')
  server.listen(path)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    admission,
    budget,
    refused,
    accepted,
    path,
    released: () => released,
    async connect() {
      const seen = once(server, 'connection')
      const client = connect(path)
      client.on('error', () => undefined)
      t.teardown(() => client.destroy())
      await seen
      return client
    },
  }
}

t.test('the process behind a connection is known before a byte of it is read', async (t) => {
  const s = await scene(t, samplePeer)
  await s.connect()
  const [socket] = s.accepted
  t.match(socket && s.admission.connection(socket), { peer: { pid: 4242, class: 'local' } })
  t.equal(s.budget.open, 1)
  const stranger = connect(s.path)
  t.teardown(() => stranger.destroy())
  t.equal(s.admission.connection(stranger), undefined)
})

t.test('the counters are right after connections close, and every handle is let go', async (t) => {
  const s = await scene(t, samplePeer, { budget: new ConnectionBudget({ inAll: 12, perPid: 3 }) })
  for (let round = 0; round < 3; round++) {
    const clients = [await s.connect(), await s.connect(), await s.connect()]
    t.equal(s.budget.open, 3)
    const closed = s.accepted.splice(0).map((socket) => once(socket, 'close'))
    for (const client of clients) client.destroy()
    await Promise.all(closed)
    t.equal(s.budget.open, 0)
    t.equal(s.released(), 3 * (round + 1))
  }
  t.same(s.refused, [])
})

t.test('nobody but the owner is heard', async (t) => {
  const cases: readonly [what: string, peer: Peer, Refusal][] = [
    ['another uid', samplePeer({ uid: 1001 }), 'other_uid'],
    ['root', samplePeer({ uid: 0, class: 'root' }), 'other_uid'],
    ['no pid', samplePeer({ pid: 0 }), 'unknown_peer'],
    ['a pid of another namespace', samplePeer({ pid: -1 }), 'unknown_peer'],
  ]
  for (const [what, peer, refusal] of cases) {
    const s = await scene(t, () => peer)
    const asked = request({ socketPath: s.path, path: '/' }).end()
    await t.rejects(once(asked, 'response'), what)
    t.same(s.refused, [[refusal, peer]])
    t.equal(s.budget.open, 0)
    t.equal(s.released(), 1)
    const [socket] = s.accepted
    t.equal(socket && s.admission.connection(socket), undefined)
  }
})

t.test('a peer the kernel knows nothing of is refused', async (t) => {
  const s = await scene(t, samplePeer, {
    connectionOf: () => {
      throw new Error('getsockopt: EINVAL')
    },
  })
  const client = await s.connect()
  if (!client.closed) await once(client, 'close')
  t.same(s.refused, [['unknown_peer', undefined]])
})

t.test('connections over the caps are destroyed, and one that ends makes room', async (t) => {
  let pid = 1
  const s = await scene(t, () => samplePeer({ pid }), {
    budget: new ConnectionBudget({ inAll: 5, perPid: 2 }),
  })
  await s.connect()
  await s.connect()
  await s.connect()
  t.match(s.refused, [['too_many_of_process', { pid: 1 }]])
  for (pid = 2; pid < 5; pid++) await s.connect()
  await s.connect()
  t.match(s.refused[1], ['too_many', { pid: 5 }])
  t.equal(s.budget.open, 5)
  const [first] = s.accepted
  const closed = first && once(first, 'close')
  first?.destroy()
  await closed
  t.equal(s.budget.open, 4)
  await s.connect()
  t.equal(s.budget.open, 5)
  t.equal(s.refused.length, 2)
})

t.test('the listeners of a daemon have one budget', async (t) => {
  const budget = new ConnectionBudget({ inAll: 9, perPid: 2 })
  const [one, other] = [
    await scene(t, samplePeer, { budget }),
    await scene(t, samplePeer, { budget }),
  ]
  await one.connect()
  await other.connect()
  await other.connect()
  t.equal(budget.open, 2)
  t.match(other.refused, [['too_many_of_process', { pid: 4242 }]])
})

t.test('who waits for an answer is known to be gone as soon as the connection is', async (t) => {
  const s = await scene(t, samplePeer)
  const client = await s.connect()
  const [socket] = s.accepted
  const connection = socket && s.admission.connection(socket)
  const told: string[] = []
  const unwatch = connection?.onGone(() => told.push('unwatched'))
  for (let n = 0; n < 1_000; n += 1) connection?.onGone(() => told.push('gone'))
  unwatch?.()
  t.same(told, [])
  const closed = socket && once(socket, 'close')
  client.destroy()
  await closed
  t.equal(told.length, 1_000)
  t.notOk(told.includes('unwatched'))
  connection?.onGone(() => told.push('late'))
  t.equal(told.at(-1), 'late', 'at once when it is over already')
})
