import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Vault } from '../../../daemon/vault/vault.ts'
import { deferred } from '../../fakes/deferred.ts'
import { LOCKED, openDoor } from './door-scene.ts'

t.test('a vault that could not be made ready is closed, and opened anew next time', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  let refused: Vault | undefined
  s.onOpen = async (vault) => {
    refused = vault
    throw Object.assign(new Error('no'), { code: 'ENOSPC' })
  }
  const door = s.door()
  await door.attempt()
  t.throws(() => door.current(), { message: 'the vault cannot be opened: ENOSPC' })
  t.throws(() => refused?.open('a'), { message: 'the vault is closed' })
  s.onOpen = async () => undefined
  await door.attempt()
  t.ok(door.current().get('a'))
})

t.test('a mark that nobody can read means a person', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  writeFileSync(join(s.state, 'locked'), '?')
  const door = s.door()
  await door.attempt()
  t.match(door.facts(), { lockedBy: 'person' })
  await door.lock('idle')
  t.equal(readFileSync(join(s.state, 'locked'), 'utf8'), '?', 'idleness locks what is open')
})

t.test('what the keeper keeps locked can be locked by a person, too', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  const gate = deferred()
  s.beforeFind = () => gate.promise
  const door = s.door()
  const attempt = door.attempt()
  const locking = door.lock('person')
  gate.resolve()
  await Promise.all([attempt, locking])
  t.throws(() => door.current(), { message: 'you locked the vault' })
  t.equal(s.begun.length, 1, 'the attempt under way opened nothing')
})

t.test('a lock waits for an attempt under way, and what it opens is closed again', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  const [asked, gate, written] = [deferred(), deferred(), deferred()]
  s.onOpen = () => {
    asked.resolve()
    return gate.promise
  }
  const door = s.door()
  const attempt = door.attempt()
  await asked.promise
  const { files } = s
  s.files = {
    ...files,
    writeFile: async (file, bytes) => {
      await files.writeFile(file, bytes)
      written.resolve()
    },
  }
  const steps: string[] = []
  const locking = door.lock('person').then(() => steps.push('locked'))
  await written.promise
  for (let i = 0; i < 20; i++) await new Promise((next) => setImmediate(next))
  t.same(steps, [])
  gate.resolve()
  await Promise.all([attempt, locking])
  t.throws(() => door.current(), { message: 'you locked the vault' })
  t.throws(() => s.begun[1]?.open('a'), { message: 'the vault is closed' })
})

t.test('an unlock whose end cannot be written down opens nothing', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  s.failing('removeFile')
  await t.rejects(s.open.unlock(undefined), { message: 'the vault cannot be written: ENOSPC' })
  t.throws(() => s.open.current(), { message: 'you locked the vault' })
  s.mended()
  s.onOpen = async () => {
    throw new Error('not ready')
  }
  await t.rejects(s.open.unlock(undefined), { message: /cannot be opened: unknown error/ })
  t.ok(s.hasMark(), 'it is as locked as before')
})

t.test('a lock while an unlock waits for its keeper wins', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('idle')
  const gate = deferred()
  s.beforeFind = () => gate.promise
  const unlocking = s.open.unlock(undefined)
  await new Promise((next) => setImmediate(next))
  await s.open.lock('person')
  gate.resolve()
  await t.rejects(unlocking, { ...LOCKED, message: 'you locked the vault' })
  t.throws(() => s.open.current(), LOCKED)
  t.ok(s.hasMark())
})

t.test('a lock during an unlock is on disk at every moment', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  const [gate, asked] = [deferred(), deferred()]
  s.beforeFind = async () => {
    asked.resolve()
    await gate.promise
  }
  const unlocking = s.open.unlock(undefined)
  await asked.promise
  await s.open.lock('person')
  s.failing('removeFile')
  gate.resolve()
  await t.rejects(unlocking, { message: 'you locked the vault' }, 'nothing was to be removed')
  t.ok(s.hasMark())
  t.equal(s.begun.length, 1)
})
