import t from 'tap'
import { activationOf, takeInheritedSockets } from '../../../daemon/listener/inherited-sockets.ts'

const PID = 4_242
const at = (fd: number): string => `/run/${fd}`

function handedOver(names: string, changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const count = names.split(':').length
  return { LISTEN_FDS: `${count}`, LISTEN_FDNAMES: names, LISTEN_PID: `${PID}`, ...changes }
}

t.test('a socket is what its name says, whatever its place', async (t) => {
  t.same(takeInheritedSockets(handedOver('broker:admin'), PID, at), {
    broker: { fd: 3, path: '/run/3' },
    admin: { fd: 4, path: '/run/4' },
  })
  t.same(takeInheritedSockets(handedOver('admin:broker'), PID, at), {
    admin: { fd: 3, path: '/run/3' },
    broker: { fd: 4, path: '/run/4' },
  })
  t.same(takeInheritedSockets(handedOver('admin'), PID, at), { admin: { fd: 3, path: '/run/3' } })
})

t.test('what was meant for another process, or for nobody, is nothing', async (t) => {
  for (const environment of [
    {},
    handedOver('broker', { LISTEN_PID: '1' }),
    handedOver('broker', { LISTEN_PID: undefined }),
    handedOver('broker', { LISTEN_PID: `${PID} ` }),
  ])
    t.same(takeInheritedSockets(environment, PID, at), {})
  t.equal(activationOf({}), 'none')
  t.equal(activationOf({ admin: { fd: 3, path: '/run/3' } }), 'systemd')
})

t.test('no program of ours takes the sockets for its own', async (t) => {
  const environment = handedOver('broker', { LISTEN_PID: '1', HOME: '/home/me' })
  takeInheritedSockets(environment, PID, at)
  t.strictSame(environment, { HOME: '/home/me' })
})

t.test(
  'what cannot be told apart, or is not ours to serve, is an error that says so',
  async (t) => {
    const table: readonly (readonly [NodeJS.ProcessEnv, RegExp])[] = [
      [handedOver('broker:broker'), /two sockets named "broker"/],
      [handedOver('broker:agent'), /"agent" was handed over, which we do not serve/],
      [handedOver('unknown'), /"unknown" was handed over/],
      [handedOver('__proto__'), /"__proto__" was handed over/],
      [handedOver('broker', { LISTEN_FDS: '2' }), /2 sockets were handed over with 1 names/],
      [handedOver('broker', { LISTEN_FDS: 'x' }), /x sockets were handed over with 1 names/],
      [handedOver('broker', { LISTEN_FDNAMES: undefined }), /"" was handed over/],
    ]
    for (const [environment, message] of table)
      t.throws(() => takeInheritedSockets(environment, PID, at), {
        name: 'StartupError',
        message,
        hint: /grantd service install/,
      })
    t.throws(() => takeInheritedSockets(handedOver('admin'), PID, () => undefined), {
      message: 'the socket named "admin" does not listen at a path',
    })
  },
)
