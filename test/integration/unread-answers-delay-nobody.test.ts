import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Status } from '@grantd/client/protocol'
import t from 'tap'
import { needsLinux } from '../needs.ts'
import { startWorld, type World } from './world.ts'

/** Connections that ask and never read; with more of them nothing of this process would be served. */
const CALLERS = 6

/** More than a connection may have open, and far more than fits into its buffers. */
const REQUESTS = 4_000

/** What the daemon may grow by: requests in memory are bounded, whatever was asked. */
const MAX_GROWTH_KIB = 131_072

const REQUEST =
  'POST /v1/token HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: t/1\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"grant":"work"}'

async function counters(world: World): Promise<Status['counters']> {
  const { body } = await world.ask('admin', 'GET', '/v1/status')
  return (body as unknown as Status).counters
}

function residentKib(world: World): number {
  const status = readFileSync(`/proc/${world.daemonPid()}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
}

t.test(
  'callers that never read their answers delay nobody, and a stop does not wait for them',
  needsLinux(),
  async (t) => {
    const world = await startWorld({ issuer: { accessTokenSeconds: 3_600 } })
    t.teardown(() => world.close())
    await world.login()
    for (let i = 0; i < 200; i++) await world.token({ grant: 'work' })
    const before = residentKib(world)
    const sockets = Array.from({ length: CALLERS }, () => {
      const socket = connect(world.sockets.broker)
      socket.on('error', () => undefined)
      socket.pause()
      socket.write(REQUEST.repeat(REQUESTS))
      return socket
    })
    t.teardown(() => sockets.forEach((socket) => void socket.destroy()))
    for (let i = 0; i < 20; i++) {
      t.equal((await world.token({ grant: 'work' })).status, 200)
      await setTimeout(50)
    }
    const seen = await counters(world)
    t.ok(
      (seen['open_requests'] ?? Number.NaN) <= CALLERS * 256 + 1,
      `${seen['open_requests']} open`,
    )
    const growth = residentKib(world) - before
    t.ok(growth < MAX_GROWTH_KIB, `it grew by ${growth} KiB`)
    const stopping = performance.now()
    await world.restart()
    t.ok(performance.now() - stopping < 20_000)
    t.match(await counters(world), { open_requests: 1 })
  },
)
