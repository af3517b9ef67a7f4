import t from 'tap'
import { NO_SOCKETS, refused, sortSockets } from '../../../daemon/listener/inherited-sockets.ts'

const at = (fd: number): string => `/run/${fd}`
const named = (...names: readonly string[]) => names.map((name, index) => ({ name, fd: 3 + index }))

t.test('a socket is what its name says, whatever its place', async (t) => {
  t.same(sortSockets('systemd', named('broker', 'admin'), at), {
    activation: 'systemd',
    broker: { fd: 3, path: '/run/3' },
    admin: { fd: 4, path: '/run/4' },
    capabilities: [],
  })
  t.same(sortSockets('launchd', named('capability', 'admin', 'capability', 'broker'), at), {
    activation: 'launchd',
    broker: { fd: 6, path: '/run/6' },
    admin: { fd: 4, path: '/run/4' },
    capabilities: [
      { fd: 3, path: '/run/3' },
      { fd: 5, path: '/run/5' },
    ],
  })
  t.same(sortSockets('systemd', [], at), NO_SOCKETS)
})

t.test(
  'what cannot be told apart, or is not ours to serve, is an error that says so',
  async (t) => {
    const table: readonly (readonly [readonly string[], RegExp])[] = [
      [['broker', 'broker'], /two sockets named "broker"/],
      [['broker', 'agent'], /"agent" was handed over, which we do not serve/],
      [['unknown'], /"unknown" was handed over/],
      [['__proto__'], /"__proto__" was handed over/],
      [[''], /"" was handed over/],
    ]
    for (const [names, message] of table)
      t.throws(() => sortSockets('systemd', named(...names), at), {
        name: 'StartupError',
        message,
        hint: /grantd service install/,
      })
    for (const name of ['admin', 'capability'])
      t.throws(() => sortSockets('systemd', named(name), () => undefined), {
        message: `the socket named "${name}" does not listen at a path`,
      })
    const closed = (): string => {
      throw new Error('getsockopt: EBADF')
    }
    t.throws(() => sortSockets('systemd', named('broker'), closed), { message: /does not listen/ })
    t.throws(() => sortSockets('systemd', named('capability', 'capability'), () => '/run/c'), {
      message: 'two sockets at "/run/c" were handed over',
    })
    t.match(refused('so'), { name: 'StartupError', message: 'so' })
  },
)
