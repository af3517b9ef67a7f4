import { randomBytes } from 'node:crypto'
import type {
  DurableProvider,
  FoundKey,
  Keeper,
  KeyName,
  MadeKey,
  Refusal,
} from '../../../daemon/vault/keeper.ts'
import type { VaultWorld } from '../../../daemon/vault/open-vault.ts'
import { SEALING_KEY_BYTES } from '../../../daemon/vault/sealing-key.ts'
import { type VaultFiles, vaultFiles } from '../../../daemon/vault/vault-files.ts'

/** A refusal of a kind, told apart by its kind. */
export function refusal(kind: Refusal['kind']): Refusal {
  return { kind, reason: `it is ${kind}`, hint: `mend ${kind}` }
}

/** Keeps keys in memory, and refuses all when a test says so. */
export class FakeKeeper implements Keeper {
  readonly provider: DurableProvider
  readonly keys = new Map<string, Buffer>()
  /** What it answers instead. */
  refusal: Refusal | undefined
  /** What it says instead of keeping a key. */
  keepRefusal: Refusal | undefined
  readonly asked: string[] = []

  constructor(provider: DurableProvider, keys: ReadonlyMap<string, Buffer> = new Map()) {
    this.provider = provider
    for (const [id, bytes] of keys) this.keys.set(id, Buffer.from(bytes))
  }

  async make(): Promise<MadeKey | Refusal> {
    this.asked.push('make')
    const bytes = randomBytes(SEALING_KEY_BYTES)
    return this.refusal ?? { kind: 'made', bytes, parameters: Buffer.alloc(0) }
  }

  async find({ keyId }: KeyName): Promise<FoundKey | Refusal> {
    this.asked.push('find')
    if (this.refusal !== undefined) return this.refusal
    const kept = this.keys.get(keyId.toString('hex'))
    return kept === undefined ? refusal('none') : { kind: 'found', bytes: Buffer.from(kept) }
  }

  async keep(keyId: Buffer, bytes: Buffer): Promise<{ readonly kind: 'kept' } | Refusal> {
    this.asked.push('keep')
    const refused = this.refusal ?? this.keepRefusal
    if (refused !== undefined) return refused
    this.keys.set(keyId.toString('hex'), Buffer.from(bytes))
    return { kind: 'kept' }
  }

  async forget(keyId: Buffer): Promise<boolean> {
    this.asked.push('forget')
    return this.refusal === undefined && this.keys.delete(keyId.toString('hex'))
  }
}

/** Everything a vault is opened with, on a real disk and with keepers that a test has in hand. */
export class FakeWorld implements VaultWorld {
  readonly files: VaultFiles
  readonly machineIdentity: string
  readonly wish: VaultWorld['wish']
  readonly keepers: ReadonlyMap<DurableProvider, FakeKeeper>

  constructor(
    state: string,
    keepers: readonly FakeKeeper[],
    wish: VaultWorld['wish'] = 'auto',
    machineIdentity = 'machine one',
  ) {
    this.files = vaultFiles(state)
    this.machineIdentity = machineIdentity
    this.wish = wish
    this.keepers = new Map(keepers.map((keeper) => [keeper.provider, keeper]))
  }

  /** The same world on another disk. */
  on(files: Partial<VaultFiles>): VaultWorld {
    const { machineIdentity, wish, keeperOf } = this
    return { files: { ...this.files, ...files }, machineIdentity, wish, keeperOf }
  }

  readonly keeperOf = (provider: DurableProvider): Keeper => {
    const keeper = this.keepers.get(provider)
    if (keeper === undefined) throw new TypeError(`the test has no ${provider}`)
    return keeper
  }
}

/** What happens at the step that a test picks. */
export type Fault = 'fails' | 'crashes before' | 'crashes after'

/** The end of a daemon: nothing that it does later has any effect. */
export class Crash extends Error {}

/** Counts every call to the disk and to keepers, and breaks one of them. */
export class Faults {
  /** Calls so far, of an armed world. */
  count = 0
  readonly names: string[] = []
  readonly #fault: Fault
  readonly #at: number
  #isArmed = false
  #isDead = false

  constructor(fault: Fault, at: number) {
    this.#fault = fault
    this.#at = at
  }

  arm(): void {
    this.#isArmed = true
  }

  /** The same world, in which every call is a step that can break. */
  world(world: FakeWorld): VaultWorld {
    return {
      files: this.#wrap(world.files),
      machineIdentity: world.machineIdentity,
      wish: world.wish,
      keeperOf: (provider) => this.#wrap(world.keeperOf(provider)),
    }
  }

  #wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (from, name) => {
        const member: unknown = Reflect.get(from, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) =>
          this.#step(String(name), async () => await (Reflect.apply(member, from, args) as unknown))
      },
    })
  }

  async #step(name: string, work: () => Promise<unknown>): Promise<unknown> {
    if (this.#isDead) throw new Crash()
    if (!this.#isArmed) return await work()
    this.count += 1
    this.names.push(name)
    if (this.count !== this.#at) return await work()
    if (this.#fault === 'fails') return failed(name)
    this.#isDead = true
    if (this.#fault === 'crashes after') await work()
    throw new Crash()
  }
}

/** How a disk fails, and how a keeper does. */
function failed(name: string): unknown {
  if (name === 'forget') return false
  if (name === 'make' || name === 'find' || name === 'keep') return refusal('silent')
  throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
}
