import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import koffi from 'koffi'
import t from 'tap'
import { launchSockets } from '../../../daemon/platform/launch-sockets.ts'
import { COMPILER, launchdLibrary } from '../../fakes/launchd-library.ts'
import { needs } from '../../needs.ts'

t.test('launchd gives descriptors by name, in a list that is freed', needs(COMPILER), async (t) => {
  const library = launchdLibrary(t.testdir({}), { broker: [70], capability: [71, 72, 73] })
  t.same(launchSockets('broker', library), [70])
  t.same(launchSockets('capability', library), [71, 72, 73])
  const isFree = koffi.load(library).func('int last_is_free(void)') as () => number
  t.equal(isFree(), 1)
  t.same(launchSockets('agent', library), [], 'a name that it does not have')
})

t.test('outside of launchd there is nothing, and else it says why', needs(COMPILER), async (t) => {
  const { ESRCH, EALREADY } = constants.errno
  const library = launchdLibrary(t.testdir({}), { broker: ESRCH, admin: EALREADY })
  t.same(launchSockets('broker', library), [])
  t.throws(() => launchSockets('admin', library), {
    name: 'SystemCallError',
    message: 'launch_activate_socket: EALREADY',
  })
})

t.test('no program that we start gets what it gave', needs(COMPILER), async (t) => {
  const file = openSync('/dev/null', 'r')
  t.teardown(() => closeSync(file))
  const flags = (): string =>
    execFileSync('cat', [`/proc/${process.pid}/fdinfo/${file}`]).toString()
  const fcntl = koffi.load(null).func('int fcntl(int fd, int command, ...)')
  fcntl(file, 2, 'int', 0)
  t.match(flags(), /flags:\s+0100000\n/, 'a program would get it')
  const library = launchdLibrary(t.testdir({}), { broker: [file] })
  launchSockets('broker', library)
  t.match(flags(), /flags:\s+02100000\n/)
})

t.test('a system without such a call is not asked in vain', async (t) => {
  if (process.platform !== 'darwin')
    t.throws(() => launchSockets('broker'), /launch_activate_socket/)
})
