import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { kernelKeyring } from '../../daemon/platform/kernel-keyring.ts'
import { isolatedKeychain } from '../../daemon/platform/keychain.ts'
import { keeperOf } from '../../daemon/vault/keepers.ts'
import { openVault, type VaultOpening } from '../../daemon/vault/open-vault.ts'
import type { SealedRecords } from '../../daemon/vault/sealed-records.ts'
import { vaultFiles } from '../../daemon/vault/vault-files.ts'
import { rotate } from '../daemon/vault/conformance.ts'
import { sampleRecord } from '../daemon/vault/sample-records.ts'
import { needs } from '../needs.ts'
import { DESKTOP, type Desktop, ended, startBus, startKeyring } from './desktop.ts'

/** For answers that come: longer than they take on the slowest machine. */
const PATIENCE_MS = 20_000
/** For answers that do not come, while the keychain is held up. */
const DEADLINE_MS = 500

/** Nobody's kernel gets a key of these tests: what would go there goes on to memory. */
const NO_KEYRING = kernelKeyring('none', 'none')

function open({ state, environment }: Desktop, deadlineMs = PATIENCE_MS): Promise<VaultOpening> {
  return openVault({
    files: vaultFiles(state),
    machineIdentity: 'machine one',
    wish: 'auto',
    keeperOf: (provider) =>
      keeperOf(provider, {
        keychain: isolatedKeychain(environment),
        keychainDeadlineMs: deadlineMs,
        kernelKeyring: NO_KEYRING,
        credentialsDirectory: undefined,
        uid: process.getuid?.() ?? -1,
        passphrase: undefined,
      }),
  })
}

/** The item that holds the key of a vault. */
function itemOf({ keyId }: SealedRecords): { readonly service: string; readonly account: string } {
  return { service: 'grantd', account: `sealing-key-${keyId}` }
}

async function opened(opening: Promise<VaultOpening>): Promise<SealedRecords> {
  const answer = await opening
  if (answer.kind === 'locked') throw new Error(answer.reason)
  return answer.vault
}

t.test('a key is made in the real keychain, and found again', DESKTOP, async (t) => {
  const desktop = await startBus(t)
  await startKeyring(t, desktop, '--unlock')
  const first = await opened(open(desktop))
  t.equal(first.kind, 'sealed')
  await first.add(sampleRecord({ id: 'a' }))
  await first.change('a', rotate)
  await first.close()
  const second = await opened(open(desktop))
  t.equal(second.open('a').refreshToken?.reveal(), 'token 2')
  t.same(second.broken, [])
})

t.test('a keychain that hangs costs its deadline and nothing else', DESKTOP, async (t) => {
  const desktop = await startBus(t)
  const keyring = await startKeyring(t, desktop, '--unlock')
  const vault = await opened(open(desktop))
  await vault.add(sampleRecord({ id: 'a' }))
  const keychain = isolatedKeychain(desktop.environment)
  const get = { op: 'get', ...itemOf(vault) } as const
  keyring.kill('SIGSTOP')

  const answers: string[] = []
  const patient = keychain(get, PATIENCE_MS).then(({ kind }) => answers.push(kind))
  t.equal((await vault.change('a', rotate)).generation, 2, 'an open vault goes on')
  t.same(answers, [], 'and so does the event loop, while the question hangs')
  t.same(await keychain(get, DEADLINE_MS), { kind: 'timeout' })
  t.match(await open(desktop, DEADLINE_MS), {
    kind: 'locked',
    reason: 'the keychain is not answering',
  })
  t.same(answers, [], 'nobody waits for the patience of another')

  keyring.kill('SIGCONT')
  await patient
  t.same(answers, ['value'])
  t.equal((await opened(open(desktop))).get('a')?.generation, 2)
})

t.test('a locked keychain never leads to a second key', DESKTOP, async (t) => {
  const desktop = await startBus(t)
  const keyring = await startKeyring(t, desktop, '--unlock')
  const vault = await opened(open(desktop))
  await vault.add(sampleRecord({ id: 'a' }))
  const keychain = isolatedKeychain(desktop.environment)
  const get = { op: 'get', ...itemOf(vault) } as const
  const before = await keychain(get, PATIENCE_MS)
  t.match(before, { kind: 'value' })

  await ended(keyring)
  const locked = await startKeyring(t, desktop)
  t.same(await keychain(get, PATIENCE_MS), { kind: 'none' }, 'locked looks like absent')
  t.match(await open(desktop), { kind: 'locked', reason: /locked, or the sealing key is gone/ })
  t.equal((await vault.change('a', rotate)).generation, 2, 'an open vault needs no keychain')

  await ended(locked)
  await startKeyring(t, desktop, '--unlock')
  t.same(await keychain(get, PATIENCE_MS), before)
  t.equal((await opened(open(desktop))).get('a')?.generation, 2)
})

t.test('with the keychain gone sealed grants stay where they are', DESKTOP, async (t) => {
  const desktop = await startBus(t)
  const keyring = await startKeyring(t, desktop, '--unlock')
  await (await opened(open(desktop))).add(sampleRecord({ id: 'a' }))
  await ended(keyring)
  const file = join(desktop.state, 'grants', 'a.grant')
  const before = readFileSync(file)
  t.match(await open(desktop), { kind: 'locked', reason: /^no keychain answered/ })
  t.same(readFileSync(file), before)
  t.same(readdirSync(join(desktop.state, 'grants')), ['a.grant'])
})

t.test('a key can be removed from the keychain', DESKTOP, async (t) => {
  const desktop = await startBus(t)
  await startKeyring(t, desktop, '--unlock')
  const vault = await opened(open(desktop))
  const keychain = isolatedKeychain(desktop.environment)
  const item = itemOf(vault)
  t.same(await keychain({ op: 'delete', ...item }, PATIENCE_MS), { kind: 'done' })
  t.same(await keychain({ op: 'get', ...item }, PATIENCE_MS), { kind: 'none' })
  t.same(await keychain({ op: 'delete', ...item }, PATIENCE_MS), { kind: 'none' })
})

t.test('without a session bus grants stay in memory', needs('libsecret-1.so.0'), async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'grantd-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const environment = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home }
  t.match(await open({ state: join(home, 'state'), environment }), {
    kind: 'open',
    vault: { kind: 'memory' },
    notice:
      /^no keychain answered \(.+\), and the kernel's keyring .*: grants are kept in memory and end with the daemon$/,
  })
})
