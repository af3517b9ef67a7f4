import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import type { KeyWish } from '../../../daemon/vault/choose-key.ts'
import type { DurableProvider, Keeper } from '../../../daemon/vault/keeper.ts'
import type { Vault } from '../../../daemon/vault/vault.ts'
import { VaultDoor } from '../../../daemon/vault/vault-door.ts'
import { type VaultFiles, vaultFiles } from '../../../daemon/vault/vault-files.ts'
import { type Asking, vaultMaker } from '../../../daemon/vault/vault-maker.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeKeeper, refusal } from './fake-keepers.ts'
import { sampleRecord } from './sample-records.ts'

/** Keeps its keys, and gives them to whoever has the passphrase. */
class FakePerson extends FakeKeeper {
  passphrase = ''
  derived = 0

  constructor() {
    super('passphrase')
  }

  with(asking: Asking): Keeper {
    const given = asking.passphrase?.reveal()
    return {
      provider: 'passphrase',
      make: async () => {
        if (given === undefined) return refusal('asks')
        this.passphrase = given
        return await this.make()
      },
      find: async (name) => {
        if (given === undefined) return refusal('asks')
        this.derived += 1
        return given === this.passphrase ? await this.find(name) : refusal('wrong')
      },
      keep: (keyId, bytes) => this.keep(keyId, bytes),
      forget: (keyId) => this.forget(keyId),
    }
  }
}

/** A door with a real disk behind it, and keepers that a test has in hand. */
export class Scene {
  readonly clock = new FakeClock()
  readonly state: string
  readonly keychain = new FakeKeeper('keychain')
  readonly kernel = new FakeKeeper('kernel_keyring')
  readonly person = new FakePerson()
  readonly begun: Vault[] = []
  readonly askings: Asking[] = []
  files: VaultFiles
  wish: () => KeyWish = () => 'auto'
  identity: () => Promise<string> = async () => 'machine one'
  onOpen: (vault: Vault) => Promise<void> = async () => undefined
  settle: () => Promise<void> = async () => undefined
  /** Runs before a keeper answers. */
  beforeFind: () => Promise<void> = async () => undefined

  constructor(t: Test) {
    this.state = join(t.testdir(), 'state')
    this.files = vaultFiles(this.state)
  }

  /** A daemon that starts. */
  door(): VaultDoor {
    return new VaultDoor({
      clock: this.clock,
      settle: () => this.settle(),
      onOpen: async (vault) => {
        await this.onOpen(vault)
        this.begun.push(vault)
      },
      maker: vaultMaker({
        files: new Proxy(this.files, {
          get: (_, name) => Reflect.get(this.files, name) as unknown,
        }),
        machineIdentity: () => this.identity(),
        wish: () => this.wish(),
        keeperOf: (provider, asking) => this.#keeperOf(provider, asking),
      }),
    })
  }

  #keeperOf(provider: DurableProvider, asking: Asking): Keeper {
    this.askings.push(asking)
    const keepers = {
      keychain: this.keychain,
      kernel_keyring: this.kernel,
      passphrase: this.person,
    }
    if (provider === 'credential_file') throw new TypeError('the test has none')
    const keeper = provider === 'passphrase' ? this.person.with(asking) : keepers[provider]
    return {
      provider,
      make: (other) => keeper.make(other),
      keep: (keyId, bytes) => keeper.keep(keyId, bytes),
      forget: (keyId) => keeper.forget(keyId),
      find: async (name) => {
        await this.beforeFind()
        return await keeper.find(name)
      },
    }
  }

  /** A disk that refuses one kind of call. */
  failing(...calls: readonly (keyof VaultFiles)[]): void {
    const fail = async (): Promise<never> => {
      throw Object.assign(new Error('secret words'), { code: 'ENOSPC' })
    }
    const failures = Object.fromEntries(calls.map((call) => [call, fail]))
    this.files = { ...vaultFiles(this.state), ...failures }
  }

  mended(): void {
    this.files = vaultFiles(this.state)
  }

  hasMark(): boolean {
    return existsSync(join(this.state, 'locked'))
  }
}

/** A door that is open, with one grant in the vault. */
export async function openDoor(t: Test): Promise<Scene & { readonly open: VaultDoor }> {
  const s = new Scene(t)
  const door = s.door()
  await door.attempt()
  await door.current().add(sampleRecord({ id: 'a' }, 'token of a'))
  return Object.assign(s, { open: door })
}

/** The caller's to wipe, or the door's. */
export function secret(text: string): Secret {
  return Secret.fromText(text)
}

/** The same, with a vault whose key comes from a passphrase. */
export async function withPassphrase(
  t: Test,
  text: string,
): Promise<Scene & { readonly open: VaultDoor }> {
  const s = new Scene(t)
  const door = s.door()
  await door.init({ provider: 'passphrase', passphrase: secret(text), discardSealed: false })
  await door.current().add(sampleRecord({ id: 'a' }, 'token of a'))
  return Object.assign(s, { open: door })
}

/** What callers hear of a locked vault. */
export const LOCKED = { code: 'vault_locked' }
