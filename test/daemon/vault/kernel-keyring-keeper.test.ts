import t from 'tap'
import type { KernelKeyring } from '../../../daemon/platform/kernel-keyring.ts'
import { SystemCallError } from '../../../daemon/platform/system-call-error.ts'
import { NO_PARAMETERS } from '../../../daemon/vault/keeper.ts'
import { kernelKeyringKeeper } from '../../../daemon/vault/kernel-keyring-keeper.ts'
import { sealingKeyId } from '../../../daemon/vault/sealing-key.ts'

const KEY = Buffer.alloc(32, 1)
const ID = sealingKeyId(KEY)
const NAME = { keyId: ID, parameters: NO_PARAMETERS }
const DESCRIPTION = `grantd:sealing-key:${ID.toString('hex')}`

function fake(kept: Readonly<Record<string, Buffer>> = {}): {
  readonly keyring: KernelKeyring
  readonly secrets: Map<string, Buffer>
} {
  const secrets = new Map(Object.entries(kept))
  const get = (name: string): Buffer | undefined => {
    const secret = secrets.get(name)
    return secret && Buffer.from(secret)
  }
  const keyring = {
    put: (name: string, secret: Uint8Array) => void secrets.set(name, Buffer.from(secret)),
    get,
    remove: (name: string) => secrets.delete(name),
  }
  return { keyring, secrets }
}

function failing(error: unknown): KernelKeyring {
  const fail = (): never => {
    throw error
  }
  return { put: fail, get: fail, remove: fail }
}

t.test('a key is kept under its id, found again and forgotten', async (t) => {
  const { keyring, secrets } = fake()
  const keeper = kernelKeyringKeeper(keyring)
  t.match(await keeper.make(undefined), { kind: 'made', parameters: NO_PARAMETERS })
  t.same(await keeper.keep(ID, KEY), { kind: 'kept' })
  t.same([...secrets.keys()], [DESCRIPTION])
  t.same(await keeper.find(NAME), { kind: 'found', bytes: KEY })
  t.equal(await keeper.forget(ID), true)
  t.equal(secrets.size, 0)
  t.equal(await keeper.forget(ID), false)
})

t.test('a key that is gone is told, with what it takes', async (t) => {
  for (const kept of [
    {},
    { [DESCRIPTION]: Buffer.alloc(32, 2) },
    { [DESCRIPTION]: Buffer.alloc(3) },
  ])
    t.match(await kernelKeyringKeeper(fake(kept).keyring).find(NAME), {
      kind: 'none',
      reason: "the sealing key is gone from the kernel's keyring, most likely by a reboot",
      hint: /grantd vault init.*log in again/,
    })
})

t.test('a keyring that keeps nothing is not believed', async (t) => {
  const { keyring } = fake()
  for (const get of [() => undefined, () => Buffer.alloc(32), () => Buffer.alloc(1)])
    t.match(await kernelKeyringKeeper({ ...keyring, get }).keep(ID, KEY), { kind: 'silent' })
})

t.test('a kernel that refuses makes it unavailable, by the name of the error', async (t) => {
  const keeper = kernelKeyringKeeper(failing(new SystemCallError('keyctl link', 1)))
  const answer = {
    kind: 'unavailable',
    reason: "the kernel's keyring cannot be used (keyctl link: EPERM)",
  }
  t.match(await keeper.find(NAME), answer)
  t.match(await keeper.keep(ID, KEY), answer)
  t.equal(await keeper.forget(ID), false)
})

t.test('a mistake of ours is no answer of the kernel', async (t) => {
  await t.rejects(kernelKeyringKeeper(failing(new TypeError('x'))).find(NAME), TypeError)
})
