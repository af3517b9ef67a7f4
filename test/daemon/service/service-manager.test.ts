import t from 'tap'
import { serviceManager } from '../../../daemon/service/service-manager.ts'

interface Heard {
  readonly said: (readonly [path: string, text: string])[]
  readonly failures: unknown[]
}

function manage(environment: NodeJS.ProcessEnv, failure?: Error) {
  const heard: Heard = { said: [], failures: [] }
  const manager = serviceManager({
    environment,
    pid: 7,
    send: (path, text) => {
      if (failure !== undefined) throw failure
      heard.said.push([path, text])
    },
    monotonic: () => 12.3456,
    onFailure: (error) => heard.failures.push(error),
  })
  return { manager, ...heard }
}

t.test('everything is told in the words of sd_notify(3)', async (t) => {
  const environment = {
    NOTIFY_SOCKET: '/run/notify',
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: '7',
    HOME: '/home/me',
  }
  const { manager, said } = manage(environment)
  t.ok(manager.isThere)
  t.equal(manager.watchdogMs, 30_000)
  t.strictSame(environment, { HOME: '/home/me' }, 'no program of ours speaks for us')
  manager.ready('2 grants\nERRNO=1')
  manager.reloading()
  manager.alive('2 grants')
  manager.stopping()
  t.same(said, [
    ['/run/notify', 'READY=1\nSTATUS=2 grants ERRNO=1'],
    ['/run/notify', 'RELOADING=1\nMONOTONIC_USEC=12346\nSTATUS=reloading'],
    ['/run/notify', 'WATCHDOG=1\nSTATUS=2 grants'],
    ['/run/notify', 'STOPPING=1\nSTATUS=stopping'],
  ])
})

t.test('where nobody listens nothing is told', async (t) => {
  for (const NOTIFY_SOCKET of [undefined, '', '/', '@', 'relative', 'vsock:2:1']) {
    const { manager, said } = manage({ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000' })
    t.notOk(manager.isThere)
    t.equal(manager.watchdogMs, undefined)
    manager.ready('')
    manager.stopping()
    t.same(said, [])
  }
})

t.test('a watchdog is ours only when it says so, and a number', async (t) => {
  const watch = (more: NodeJS.ProcessEnv) => manage({ NOTIFY_SOCKET: '@n', ...more }).manager
  t.equal(watch({ WATCHDOG_USEC: '1500' }).watchdogMs, 1.5)
  for (const more of [
    { WATCHDOG_USEC: '1500', WATCHDOG_PID: '8' },
    { WATCHDOG_USEC: '0' },
    { WATCHDOG_USEC: '-1' },
    { WATCHDOG_USEC: '1e9' },
    {},
  ])
    t.equal(watch(more).watchdogMs, undefined)
})

t.test('what cannot be said is told to the log, and nothing fails', async (t) => {
  const failure = new Error('ECONNREFUSED')
  const { manager, failures } = manage({ NOTIFY_SOCKET: '/gone' }, failure)
  manager.ready('')
  manager.alive('')
  t.same(failures, [failure, failure])
})
