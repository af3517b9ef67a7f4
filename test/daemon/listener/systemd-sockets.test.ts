import t from 'tap'
import { systemdSockets } from '../../../daemon/listener/systemd-sockets.ts'

const PID = 4_242

function handedOver(names: string, changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const count = names.split(':').length
  return { LISTEN_FDS: `${count}`, LISTEN_FDNAMES: names, LISTEN_PID: `${PID}`, ...changes }
}

t.test('names and descriptors go together in their order', async (t) => {
  t.same(systemdSockets(handedOver('admin:broker:admin'), PID), [
    { name: 'admin', fd: 3 },
    { name: 'broker', fd: 4 },
    { name: 'admin', fd: 5 },
  ])
})

t.test('what was meant for another process, or for nobody, is nothing', async (t) => {
  for (const environment of [
    {},
    handedOver('broker', { LISTEN_PID: '1' }),
    handedOver('broker', { LISTEN_PID: undefined }),
    handedOver('broker', { LISTEN_PID: `${PID} ` }),
    handedOver('', { LISTEN_FDS: '0' }),
  ])
    t.same(systemdSockets(environment, PID), [])
})

t.test('no program of ours takes the sockets for its own', async (t) => {
  for (const pid of ['1', String(PID)]) {
    const environment = handedOver('broker', { LISTEN_PID: pid, HOME: '/home/me' })
    systemdSockets(environment, PID)
    t.strictSame(environment, { HOME: '/home/me' })
  }
})

t.test('as many sockets as names, or none at all', async (t) => {
  for (const [count, message] of [
    ['2', /^2 sockets were handed over with 1 names$/],
    ['x', /^x sockets were handed over with 1 names$/],
    [undefined, /^ sockets/],
  ] as const)
    t.throws(() => systemdSockets(handedOver('broker', { LISTEN_FDS: count }), PID), {
      name: 'StartupError',
      message,
    })
})
