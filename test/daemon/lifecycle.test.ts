import t from 'tap'
import type { Log } from '../../daemon/base/log.ts'
import { Opened, openWhenMended, retryUntilClosed } from '../../daemon/lifecycle.ts'
import { VaultDoor } from '../../daemon/vault/vault-door.ts'
import { deferred } from '../fakes/deferred.ts'
import { roomsWithGrant } from '../fakes/fake-rooms.ts'

t.test('what was opened last is closed first, and everything is closed', async (t) => {
  const steps: string[] = []
  const opened = new Opened()
  const first = new Error('first')
  opened.push(() => void steps.push('ground'))
  opened.push(async () => {
    steps.push('middle')
    throw new Error('second')
  })
  opened.push(() => {
    steps.push('top')
    throw first
  })
  await t.rejects(opened.closeAll(), first)
  t.same(steps, ['top', 'middle', 'ground'])
  await opened.closeAll()
  t.equal(steps.length, 3, 'and only once')
})

t.test('a vault is opened once the configuration is mended, and not before', async (t) => {
  const { promise, resolve } = deferred()
  let isBroken = true
  let attempts = 0
  const door = {
    attempt: async () => {
      attempts += 1
      resolve()
    },
  }
  const looks = deferred()
  const stop = openWhenMended(() => {
    setImmediate(looks.resolve)
    return isBroken
  }, door)
  await looks.promise
  t.equal(attempts, 0)
  isBroken = false
  await promise
  stop()
  t.equal(attempts, 1)
})

t.test('a configuration that was in order is not looked at again', async (t) => {
  let looks = 0
  const isBroken = () => {
    looks += 1
    return false
  }
  openWhenMended(isBroken, { attempt: async () => void t.fail('nothing to open') })()
  t.equal(looks, 1)
})

t.test('a retry that breaks is logged and ends nothing', async (t) => {
  const rooms = await roomsWithGrant()
  const mistake = new TypeError('broken')
  const logged: unknown[] = []
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_message, error) => void logged.push(error),
    setLevel: () => undefined,
  }
  const door = new VaultDoor({
    open: async () => ({ kind: 'open', vault: rooms.vault() }),
    onOpen: async () => undefined,
    clock: rooms.clock,
  })
  await door.attempt()
  rooms.say.vault = () => {
    throw mistake
  }
  await retryUntilClosed(rooms, door, log)()
  t.same(logged, [mistake])
})
