import t from 'tap'
import { launchdSockets } from '../../../daemon/listener/launchd-sockets.ts'

t.test('every name is asked for once, and brings all its sockets', async (t) => {
  const asked: string[] = []
  const sockets: Readonly<Record<string, readonly number[]>> = { admin: [9], capability: [4, 5] }
  const socketsOf = (name: string): readonly number[] => {
    asked.push(name)
    return sockets[name] ?? []
  }
  t.same(launchdSockets(socketsOf), [
    { name: 'admin', fd: 9 },
    { name: 'capability', fd: 4 },
    { name: 'capability', fd: 5 },
  ])
  t.same(asked, ['broker', 'admin', 'capability', 'agent'])
})

t.test('where launchd does not say, nothing starts', async (t) => {
  const socketsOf = (): readonly number[] => {
    throw new Error('launch_activate_socket: EALREADY')
  }
  t.throws(() => launchdSockets(socketsOf), {
    name: 'StartupError',
    message: 'launchd does not hand over its sockets: launch_activate_socket: EALREADY',
    hint: /grantd service status/,
  })
})
