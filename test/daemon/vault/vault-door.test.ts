import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { VaultUnusableError } from '../../../daemon/vault/vault-unusable-error.ts'
import { deferred } from '../../fakes/deferred.ts'
import { LOCKED, openDoor, Scene } from './door-scene.ts'

t.test('of what breaks only our own words and a code are told', async (t) => {
  const doctor = 'grantd doctor'
  const cases: readonly [unknown, message: string, hint: string][] = [
    [
      Object.assign(new Error('secret words'), { code: 'EIO' }),
      'the vault cannot be opened: EIO',
      doctor,
    ],
    [new Error('secret words'), 'the vault cannot be opened: unknown error', doctor],
    [new GrantdError('config_invalid', 'line 1'), 'line 1', doctor],
    [new VaultUnusableError('"x" holds no id', 'restore it'), '"x" holds no id', 'restore it'],
  ]
  for (const [error, message, hint] of cases) {
    const s = new Scene(t)
    s.identity = async () => {
      throw error
    }
    const door = s.door()
    await door.attempt()
    t.throws(() => door.current(), { message, hint })
    t.same(door.state(), { kind: 'locked', detail: message })
    await t.rejects(door.unlock(undefined), { ...LOCKED, message })
    await t.rejects(door.init({ provider: undefined, discardSealed: false }), { message })
  }
})

t.test('closing waits for an attempt and closes what it opened', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  const gate = deferred()
  s.beforeFind = () => gate.promise
  const door = s.door()
  const attempt = door.attempt()
  const steps: string[] = []
  const closed = door.close().then(() => steps.push('closed'))
  await new Promise((next) => setImmediate(next))
  t.same(steps, [], 'the attempt is still under way')
  gate.resolve()
  await Promise.all([attempt, closed])
  t.throws(() => door.current(), LOCKED)
  await t.rejects(door.unlock(undefined), { message: 'the vault is closed' })
  await new Scene(t).door().close()
})

t.test('the end of the daemon does not wait for a person at a prompt', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  const [gate, asked] = [deferred(), deferred()]
  s.beforeFind = async () => {
    asked.resolve()
    await gate.promise
  }
  const unlocking = s.open.unlock(undefined)
  await asked.promise
  await s.open.close()
  gate.resolve()
  await t.rejects(unlocking, LOCKED)
  t.ok(s.hasMark())
})

t.test('no person is prompted once the daemon ends', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  const [gate, looked] = [deferred(), deferred()]
  const { files } = s
  s.files = {
    ...files,
    readRecords: async () => {
      looked.resolve()
      await gate.promise
      return await files.readRecords()
    },
  }
  s.beforeFind = () => new Promise(() => undefined)
  const unlocking = s.open.unlock(undefined)
  await looked.promise
  const closing = s.open.close()
  gate.resolve()
  await Promise.all([closing, t.rejects(unlocking, LOCKED)])
  t.ok(s.hasMark())
})
