import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GrantdError } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import type { KeyWish } from '../../../daemon/vault/choose-key.ts'
import type { DurableProvider, Keeper } from '../../../daemon/vault/keeper.ts'
import type { Vault } from '../../../daemon/vault/vault.ts'
import { VaultDoor } from '../../../daemon/vault/vault-door.ts'
import { type VaultFiles, vaultFiles } from '../../../daemon/vault/vault-files.ts'
import { type Asking, vaultMaker } from '../../../daemon/vault/vault-maker.ts'
import { VaultUnusableError } from '../../../daemon/vault/vault-unusable-error.ts'
import { deferred } from '../../fakes/deferred.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { rotate } from './conformance.ts'
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
class Scene {
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
async function openDoor(t: Test): Promise<Scene & { readonly open: VaultDoor }> {
  const s = new Scene(t)
  const door = s.door()
  await door.attempt()
  await door.current().add(sampleRecord({ id: 'a' }, 'token of a'))
  return Object.assign(s, { open: door })
}

function secret(text: string): Secret {
  return Secret.fromText(text)
}

async function withPassphrase(
  t: Test,
  text: string,
): Promise<Scene & { readonly open: VaultDoor }> {
  const s = new Scene(t)
  const door = s.door()
  await door.init({ provider: 'passphrase', passphrase: secret(text), discardSealed: false })
  await door.current().add(sampleRecord({ id: 'a' }, 'token of a'))
  return Object.assign(s, { open: door })
}

const LOCKED = { code: 'vault_locked' }

t.test('a locked vault is answered at once, and nobody waits for a keychain', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  const gate = deferred()
  s.beforeFind = () => gate.promise
  s.keychain.refusal = refusal('none')
  const door = s.door()
  t.throws(() => door.current(), { ...LOCKED, message: 'the vault is not open yet' })
  t.throws(() => door.current(), LOCKED)
  t.same(door.state(), { kind: 'locked', detail: 'the vault is not open yet' })
  gate.resolve()
  await door.attempt()
  t.throws(() => door.current(), { message: 'it is none', hint: 'mend none' })
  t.match(door.facts(), {
    state: 'locked',
    provider: 'keychain',
    keyId: /^[0-9a-f]{16}$/,
    records: 1,
    lockedBy: 'keeper',
    reason: 'it is none',
    hint: 'mend none',
  })
})

t.test('callers bring about one attempt every two seconds, however many they are', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  s.keychain.refusal = refusal('none')
  const door = s.door()
  await door.attempt()
  const attempts = (): number => s.keychain.asked.filter((each) => each === 'find').length
  t.equal(attempts(), 1)
  for (let i = 0; i < 100; i++) t.throws(() => door.current(), LOCKED)
  s.clock.advance(1_999)
  t.throws(() => door.current())
  await door.attempt()
  t.equal(attempts(), 2, 'whoever asks for an attempt gets one')
  s.clock.advance(2_000)
  for (let i = 0; i < 100; i++) t.throws(() => door.current())
  await door.attempt()
  t.equal(attempts(), 3, 'and joins the one under way')
})

t.test('an unlocked keychain opens the vault without a restart', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  s.keychain.refusal = refusal('silent')
  const door = s.door()
  await door.attempt()
  s.keychain.refusal = undefined
  s.clock.advance(2_000)
  t.throws(() => door.current(), LOCKED)
  await door.attempt()
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
  t.equal(s.begun.length, 2, 'it was made ready before anybody got it, once each time')
  await door.attempt()
  t.equal(s.begun.length, 2)
  t.same(s.askings.at(-1), { passphrase: undefined, isPersonWaiting: false })
})

t.test('the state says where grants are kept, and the notice what to warn of', async (t) => {
  const s = await openDoor(t)
  const detail = 'grants are sealed on disk with a key from the OS keychain'
  t.same(s.open.state(), { kind: 'sealed', detail })
  t.equal(s.open.notice(), undefined)
  t.match(s.open.facts(), { state: 'open', provider: 'keychain', records: 1, isRekeying: false })
  await s.open.close()
  writeFileSync(join(s.state, 'grants', 'b.grant'), 'garbage')
  s.wish = () => 'kernel_keyring'
  const again = s.door()
  await again.attempt()
  t.match(again.state().detail, /keychain; its key stays .*rekey; 1 record cannot be opened$/)
  t.match(again.facts(), { records: 2, broken: [{ file: 'b.grant' }] })
  rmSync(s.state, { recursive: true })
  const memory = new Scene(t)
  memory.wish = () => 'memory'
  const door = memory.door()
  await door.attempt()
  const plain = { kind: 'memory', detail: 'grants are kept in memory and end with the daemon' }
  t.same(door.state(), plain)
  t.equal(door.notice(), plain.detail)
  t.equal(door.facts().keyId, undefined)
})

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

t.test('closing waits for an attempt and closes what it opened', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  const gate = deferred()
  s.beforeFind = () => gate.promise
  const door = s.door()
  const attempt = door.attempt()
  const closed = door.close()
  gate.resolve()
  await Promise.all([attempt, closed])
  t.throws(() => door.current(), LOCKED)
  await t.rejects(door.unlock(undefined), { message: 'the vault is closed' })
  await new Scene(t).door().close()
})

t.test('a lock refuses new callers at once, lets exchanges land, then wipes', async (t) => {
  const s = await openDoor(t)
  const vault = s.open.current()
  const landed = deferred()
  s.settle = () => landed.promise
  const locking = s.open.lock('person')
  t.throws(() => s.open.current(), {
    ...LOCKED,
    message: 'you locked the vault',
    hint: 'grantd unlock',
  })
  t.equal((await vault.change('a', rotate)).generation, 2, 'the exchange keeps its successor')
  while (!s.hasMark()) await new Promise((next) => setImmediate(next))
  for (let i = 0; i < 20; i++) await new Promise((next) => setImmediate(next))
  t.equal((await vault.change('a', (record) => record)).generation, 2, 'it is not closed before')
  t.ok(s.hasMark(), 'who kills us now finds it locked')
  landed.resolve()
  await locking
  t.throws(() => vault.open('a'), { message: 'the vault is closed' })
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'person', provider: 'keychain', records: 1 })
  await s.open.attempt()
  s.clock.advance(9_000)
  t.throws(() => s.open.current(), LOCKED)
  await s.open.attempt()
  t.throws(() => s.open.current(), LOCKED, 'no attempt of callers or timers opens it')
  await s.open.unlock(undefined)
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
  t.notOk(s.hasMark())
  t.match(s.askings.at(-1), { isPersonWaiting: true })
})

for (const by of ['person', 'idle'] as const)
  t.test(`locked by ${by} is locked after a restart, until somebody unlocks`, async (t) => {
    const s = await openDoor(t)
    await s.open.lock(by)
    await s.open.close()
    const door = s.door()
    await door.attempt()
    t.match(door.facts(), { state: 'locked', lockedBy: by, provider: 'keychain', records: 1 })
    t.same(
      s.keychain.asked.filter((each) => each === 'find'),
      [],
      'its keeper is not even asked',
    )
    t.match(door.state().detail, by === 'idle' ? /nobody used it/ : /you locked/)
    await door.unlock(undefined)
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

t.test('a vault in memory is not locked: that would end its grants', async (t) => {
  const s = new Scene(t)
  s.wish = () => 'memory'
  const door = s.door()
  await door.attempt()
  for (const by of ['person', 'idle'] as const)
    await t.rejects(door.lock(by), { code: 'invalid_request', hint: 'grantd revoke' })
  t.ok(door.current())
  await t.rejects(door.rekey({ provider: undefined }), { code: 'invalid_request' })
})

t.test('a lock that would lose a grant does not happen', async (t) => {
  const s = await openDoor(t)
  s.failing('write')
  await t.rejects(s.open.current().change('a', rotate), LOCKED)
  await t.rejects(s.open.lock('person'), { message: 'the vault cannot be written: ENOSPC' })
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
  t.notOk(s.hasMark())
  s.mended()
  await s.open.lock('person')
  await s.open.unlock(undefined)
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
})

t.test('a lock that cannot be written down is one until the next start, and says so', async (t) => {
  const s = await openDoor(t)
  s.failing('writeFile')
  await t.rejects(s.open.lock('person'), {
    message: /^locked, but a restart would open it: ENOSPC$/,
  })
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'person' })
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

t.test('the end of the daemon does not wait for a person at a prompt', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  const gate = deferred()
  s.beforeFind = () => gate.promise
  const unlocking = s.open.unlock(undefined)
  await new Promise((next) => setImmediate(next))
  await s.open.close()
  gate.resolve()
  await t.rejects(unlocking, LOCKED)
  t.ok(s.hasMark())
})

t.test('a passphrase opens, and is wiped whatever comes of it', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.close()
  const door = s.door()
  await door.attempt()
  t.match(door.facts(), { lockedBy: 'keeper', needs: 'passphrase', provider: 'passphrase' })
  t.equal(s.person.derived, 0, 'nothing is derived for callers')
  await t.rejects(door.unlock(undefined), { ...LOCKED, message: 'it is asks' })
  const wrong = secret('wrong')
  await t.rejects(door.unlock(wrong), { ...LOCKED, message: 'it is wrong', retryAfterSeconds: 1 })
  t.throws(() => wrong.reveal(), TypeError)
  s.clock.advance(1_000)
  const right = secret('right')
  await door.unlock(right)
  t.throws(() => right.reveal(), TypeError)
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
  await door.lock('person')
  t.match(door.facts(), { lockedBy: 'person', needs: 'passphrase' })
  await door.unlock(secret('right'))
  t.ok(door.current())
})

t.test('wrong passphrases make the guesser wait, longer each time, and nobody else', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.lock('person')
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    await t.rejects(s.open.unlock(secret('wrong')), { ...LOCKED, retryAfterSeconds: seconds })
    const { derived } = s.person
    await t.rejects(s.open.unlock(secret('right')), {
      code: 'rate_limited',
      retryAfterSeconds: seconds,
    })
    t.equal(s.person.derived, derived, 'nothing is derived meanwhile')
    t.throws(() => s.open.current(), LOCKED)
    s.clock.advance(seconds * 1_000)
  }
  await s.open.unlock(secret('right'))
  await s.open.lock('person')
  // a right one resets
  await t.rejects(s.open.unlock(secret('wrong')), { ...LOCKED, retryAfterSeconds: 1 })
})

t.test('many guesses at once are one guess', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.lock('person')
  const { derived } = s.person
  const guesses = Array.from({ length: 20 }, () => s.open.unlock(secret('wrong')))
  const ends = await Promise.allSettled(guesses)
  t.equal(s.person.derived, derived + 1)
  const codes = ends.map((end) =>
    end.status === 'rejected' ? (end.reason as GrantdError).code : '',
  )
  t.same(codes.sort(), [...Array<string>(19).fill('rate_limited'), 'vault_locked'])
})

t.test('a passphrase that nobody asked for is refused', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  await t.rejects(s.open.unlock(secret('x')), { code: 'invalid_request' })
  const init = { discardSealed: true, passphrase: secret('x') }
  await t.rejects(s.open.init({ ...init, provider: 'keychain' }), { code: 'invalid_request' })
  const empty = { discardSealed: true, passphrase: secret('') }
  await t.rejects(s.open.init({ ...empty, provider: 'passphrase' }), { message: /^an empty/ })
  await t.rejects(s.open.init({ provider: 'passphrase', discardSealed: true }), {
    message: /needs the passphrase$/,
  })
  await s.open.unlock(undefined)
  await t.rejects(s.open.rekey({ provider: undefined, passphrase: secret('x') }), {
    code: 'invalid_request',
  })
  t.ok(s.open.current().get('a'), 'and nothing was given up')
})

t.test('a passphrase vault is made by asking for it only', async (t) => {
  const s = new Scene(t)
  s.wish = () => 'passphrase'
  const door = s.door()
  await door.attempt()
  t.match(door.facts(), { state: 'locked', needs: 'init', hint: 'grantd vault init', records: 0 })
  await t.rejects(door.init({ provider: undefined, discardSealed: false }), {
    code: 'invalid_request',
  })
  await door.init({ provider: undefined, passphrase: secret('right'), discardSealed: false })
  t.match(door.facts(), { state: 'open', provider: 'passphrase' })
})

t.test('init gives up what is sealed only when told so, and unlocks', async (t) => {
  const s = await openDoor(t)
  const how = { provider: 'kernel_keyring', discardSealed: false } as const
  await t.rejects(s.open.init(how), { code: 'invalid_request', message: /1 grant sealed under it/ })
  t.ok(s.open.current().get('a'))
  const vault = s.open.current()
  await s.open.lock('person')
  await s.open.init({ ...how, discardSealed: true })
  t.throws(() => vault.open('a'), LOCKED)
  t.match(s.open.facts(), { state: 'open', provider: 'kernel_keyring', records: 0 })
  t.notOk(s.hasMark())
  t.equal(s.keychain.keys.size, 0)
  await s.open.current().add(sampleRecord({ id: 'b' }))
  s.keychain.refusal = refusal('silent')
  await t.rejects(s.open.init({ provider: 'keychain', discardSealed: true }), {
    ...LOCKED,
    message: 'it is silent',
  })
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'keeper', reason: 'it is silent' })
})

t.test('grants in memory are not given up unasked', async (t) => {
  const s = new Scene(t)
  s.wish = () => 'memory'
  const door = s.door()
  await door.attempt()
  await door.current().add(sampleRecord({ id: 'a' }))
  const how = { provider: 'keychain', discardSealed: false } as const
  await t.rejects(door.init(how), { code: 'invalid_request' })
  await door.init({ ...how, discardSealed: true })
  t.match(door.state(), { kind: 'sealed' })
})

t.test('rekey moves the key while the vault is used', async (t) => {
  const s = await openDoor(t)
  const vault = s.open.current()
  const before = s.open.facts().keyId
  t.same(await s.open.rekey({ provider: undefined }), { records: 1 })
  t.not(s.open.facts().keyId, before)
  t.equal(s.open.current(), vault, 'nobody notices')
  const how = { provider: 'passphrase', passphrase: secret('right') } as const
  await s.open.rekey(how)
  t.match(s.open.facts(), { provider: 'passphrase', isRekeying: false, records: 1 })
  t.equal(s.keychain.keys.size, 0)
  await s.open.close()
  const door = s.door()
  await door.attempt()
  await door.unlock(secret('right'))
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
})

t.test(
  'a rekey that is stuck shows, goes on when asked again, and tells what it left',
  async (t) => {
    const s = await openDoor(t)
    s.failing('write')
    await t.rejects(s.open.rekey({ provider: 'kernel_keyring' }), LOCKED)
    t.equal(s.open.facts().isRekeying, true)
    await s.open.lock('person').catch(() => undefined)
    s.mended()
    s.keychain.forget = async () => false
    t.same(await s.open.rekey({ provider: 'kernel_keyring' }), { records: 1 })
    t.match(s.open.state().detail, /kernel's keyring; the key before could not be removed/)
    t.equal(s.open.facts().isRekeying, false)
  },
)

t.test('a rekey of what is not open, or into memory, is refused', async (t) => {
  const s = await openDoor(t)
  await t.rejects(s.open.rekey({ provider: 'memory' }), { code: 'invalid_request' })
  s.kernel.refusal = refusal('unavailable')
  await t.rejects(s.open.rekey({ provider: 'kernel_keyring' }), { message: 'it is unavailable' })
  s.identity = async () => {
    throw new VaultUnusableError('no id', 'restore it')
  }
  await t.rejects(s.open.rekey({ provider: undefined }), { ...LOCKED, message: 'no id' })
  await s.open.lock('person')
  await t.rejects(s.open.rekey({ provider: undefined }), {
    ...LOCKED,
    message: 'you locked the vault',
  })
})
