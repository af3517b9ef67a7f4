import { connect, type Socket } from 'node:net'
import type { Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { REQUEST_BURST } from '../../daemon/base/limits.ts'
import { formatRequest } from '../fakes/serve-rooms.ts'
import { startWorld } from './world.ts'

// some ten thousand requests to one daemon
t.setTimeout(120_000)

/** Requests under way at once: fewer than a connection may have. */
const AT_ONCE = 200

/** One kept connection on which the same is asked again and again. */
async function flood(t: Test, path: string, request: string, count: number): Promise<string[]> {
  const socket: Socket = connect(path)
  t.teardown(() => void socket.destroy())
  const statuses: string[] = []
  let sent = 0
  await new Promise<void>((resolve, reject) => {
    const fill = (): void => {
      const more = Math.min(AT_ONCE - (sent - statuses.length), count - sent)
      if (more > 0) socket.write(request.repeat(more))
      sent += more
    }
    let rest = ''
    socket.setEncoding('latin1').on('data', (part: string) => {
      const heads = (rest + part).split('HTTP/1.1 ')
      rest = `HTTP/1.1 ${heads.pop() ?? ''}`
      // the last one may still be on its way, but not its status
      for (const head of heads.slice(1)) statuses.push(head.slice(0, 3))
      if (statuses.length === count - 1) resolve()
      else fill()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`closed after ${statuses.length}`)))
    fill()
  })
  return statuses
}

t.test('a program that asks without end is told to wait, and nobody else', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const open = { Connection: 'keep-alive' }
  const ask = (grant: string): string => formatRequest('POST', '/v1/token', { grant }, open)
  const before = world.auditLog().length
  const statuses = await flood(t, world.sockets.broker, ask('nobody'), REQUEST_BURST + 4_000)
  t.same(new Set(statuses), new Set(['404', '429']))
  const limited = statuses.filter((status) => status === '429').length
  t.ok(limited > 1_000, `${limited} were refused by the rate`)
  const others = await flood(t, world.sockets.broker, ask('other'), 2_000)
  t.ok(others.includes('429'), 'what is no grant has one count, by whatever name')
  const lines = world.auditLog().slice(before).split('\n').length
  t.ok(lines < statuses.length + others.length - limited, `${lines} lines on record`)
  t.equal((await world.token({ grant: 'work' })).status, 200, 'a grant has its own count')
  const status = await world.ask('admin', 'GET', '/v1/status')
  const { counters } = status.body as unknown as Status
  t.ok((counters['rate_limited_requests'] ?? 0) > limited, 'each is counted')
})
