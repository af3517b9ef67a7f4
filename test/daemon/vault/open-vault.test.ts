import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Keychain, KeychainReply } from '../../../daemon/platform/keychain.ts'
import {
  type OpenVaultOptions,
  openVault,
  type VaultOpening,
} from '../../../daemon/vault/open-vault.ts'
import type { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { recordDirectory } from '../../../daemon/vault/state-directory.ts'
import { sampleRecord } from './sample-records.ts'

type Reply = KeychainReply | 'kept'

/** A keychain that keeps one item, and says what a test scripts before it says what it has. */
class ScriptedKeychain {
  item: Buffer | undefined
  readonly asked: string[] = []
  readonly #script: Reply[]

  constructor(...script: Reply[]) {
    this.#script = script
  }

  readonly ask: Keychain = async (request) => {
    this.asked.push(`${request.op} ${request.service}/${request.account}`)
    const scripted = this.#script.shift() ?? 'kept'
    if (scripted !== 'kept') return scripted
    if (request.op === 'set') {
      this.item = Buffer.from(request.secret)
      return { kind: 'done' }
    }
    return this.item ? { kind: 'value', value: Buffer.from(this.item) } : { kind: 'none' }
  }
}

const UNAVAILABLE: KeychainReply = { kind: 'unavailable', reason: 'no bus' }

function open(
  state: string,
  keychain: ScriptedKeychain,
  choice: OpenVaultOptions['choice'] = 'auto',
): Promise<VaultOpening> {
  const machineIdentity = 'machine one'
  return openVault({
    stateDirectory: state,
    machineIdentity,
    keychain: keychain.ask,
    choice,
    deadlineMs: 1000,
  })
}

async function opened(opening: Promise<VaultOpening>): Promise<SealedRecords> {
  const answer = await opening
  if (answer.kind === 'locked') throw new Error(answer.reason)
  return answer.vault
}

/** A state directory with one sealed grant, and the keychain that has its key. */
async function sealedState(t: Test): Promise<{ state: string; keychain: ScriptedKeychain }> {
  const state = join(t.testdir(), 'state')
  const keychain = new ScriptedKeychain()
  const vault = await opened(open(state, keychain))
  await vault.add(sampleRecord({ id: 'a' }))
  await vault.close()
  return { state, keychain }
}

function recordsOf(state: string): Record<string, string> {
  const directory = recordDirectory(state)
  const names = readdirSync(directory)
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(directory, name), 'base64')]),
  )
}

t.test('the first key is made, kept and read back before it counts', async (t) => {
  const keychain = new ScriptedKeychain()
  const answer = await open(join(t.testdir(), 'state'), keychain)
  t.match(answer, { kind: 'open', vault: { kind: 'sealed' }, notice: undefined })
  t.equal(keychain.item?.length, 32)
  const item = 'grantd/sealing-key'
  t.same(keychain.asked, [`get ${item}`, `set ${item}`, `get ${item}`])
})

t.test('the next start finds the key and the grants', async (t) => {
  const { state, keychain } = await sealedState(t)
  const before = keychain.item?.toString('hex')
  const vault = await opened(open(state, keychain, 'keychain'))
  t.ok(vault.get('a'))
  t.equal(keychain.item?.toString('hex'), before)
})

const notKept: Record<string, [replies: Reply[], reason: RegExp]> = {
  'refuses it': [['kept', UNAVAILABLE], /did not keep a new key: .*no bus/],
  'says it kept it and did not': [['kept', { kind: 'done' }], /gone from it/],
  'gives another one back': [
    ['kept', 'kept', { kind: 'value', value: Buffer.alloc(32) }],
    /another question/,
  ],
  'gives half of one back': [
    ['kept', 'kept', { kind: 'value', value: Buffer.alloc(16) }],
    /another question/,
  ],
  'falls silent': [['kept', { kind: 'timeout' }, { kind: 'timeout' }], /not answering/],
}
for (const [name, [replies, reason]] of Object.entries(notKept)) {
  t.test(`a keychain that ${name} gives no vault`, async (t) => {
    const state = join(t.testdir(), 'state')
    const answer = await open(state, new ScriptedKeychain(...replies))
    t.match(answer, { kind: 'locked', reason })
    t.same(recordsOf(state), {})
  })
}

t.test('a key whose yes was lost on the way counts', async (t) => {
  const keychain = new ScriptedKeychain()
  const ask: Keychain = async (request, deadlineMs) => {
    const reply = await keychain.ask(request, deadlineMs)
    return request.op === 'set' ? { kind: 'timeout' } : reply
  }
  const answer = await openVault({
    stateDirectory: join(t.testdir(), 'state'),
    machineIdentity: 'machine one',
    keychain: ask,
    choice: 'auto',
    deadlineMs: 1000,
  })
  t.equal(answer.kind, 'open')
})

t.test('without a keychain, and with nothing sealed, grants stay in memory', async (t) => {
  const answer = await open(join(t.testdir(), 'state'), new ScriptedKeychain(UNAVAILABLE))
  t.match(answer, {
    kind: 'open',
    vault: { kind: 'memory' },
    notice: 'no keychain answered (no bus): grants are kept in memory and end with the daemon',
  })
})

const trouble: Record<string, KeychainReply> = {
  'has no key any more': { kind: 'none' },
  'is not there': UNAVAILABLE,
  'is silent': { kind: 'timeout' },
  crashes: { kind: 'crashed', signal: 'SIGSEGV' },
  'has another key': { kind: 'value', value: Buffer.alloc(32, 9) },
  'has something else': { kind: 'value', value: Buffer.from('not a key') },
}
for (const [name, reply] of Object.entries(trouble)) {
  t.test(`sealed grants and a keychain that ${name}: locked, and nothing changes`, async (t) => {
    const { state, keychain } = await sealedState(t)
    const before = recordsOf(state)
    const troubled = new ScriptedKeychain(reply)
    const answer = await open(state, troubled)
    t.match(answer, { kind: 'locked', reason: /./, hint: /./ })
    t.same(troubled.asked, ['get grantd/sealing-key'], 'it never sets a key')
    t.same(recordsOf(state), before)
    t.ok((await opened(open(state, keychain))).get('a'), 'and opens once the key is back')
  })
}

t.test('one damaged file is enough never to make another key', async (t) => {
  const state = t.testdir({ grants: { 'a.grant': 'garbage' } })
  for (const directory of [state, recordDirectory(state)]) chmodSync(directory, 0o700)
  const keychain = new ScriptedKeychain()
  t.match(await open(state, keychain), { kind: 'locked' })
  t.equal(keychain.item, undefined)
})

t.test('a damaged record stops no other', async (t) => {
  const { state, keychain } = await sealedState(t)
  writeFileSync(join(recordDirectory(state), 'b.grant'), 'garbage')
  const vault = await opened(open(state, keychain))
  t.ok(vault.get('a'))
  t.same(vault.broken, [{ file: 'b.grant', reason: 'not a sealed record' }])
})

t.test('memory by choice asks no keychain and writes nothing', async (t) => {
  const state = join(t.testdir(), 'state')
  const keychain = new ScriptedKeychain()
  const answer = await open(state, keychain, 'memory')
  t.match(answer, { kind: 'open', notice: 'grants are kept in memory and end with the daemon' })
  t.same(keychain.asked, [])
  t.same(readdirSync(t.testdirName), [])
})

t.test('memory by choice leaves sealed grants alone, and says so', async (t) => {
  const { state, keychain } = await sealedState(t)
  t.match(await open(state, keychain, 'memory'), { notice: /; 1 sealed grant was left alone/ })
  const vault = await opened(open(state, keychain))
  await vault.add(sampleRecord({ id: 'b' }))
  const before = recordsOf(state)
  t.match(await open(state, keychain, 'memory'), { notice: /; 2 sealed grants were left alone/ })
  t.same(recordsOf(state), before)
})

t.test('a state directory that others can write to is not used', async (t) => {
  const { state, keychain } = await sealedState(t)
  chmodSync(state, 0o777)
  const answer = await open(state, keychain)
  t.match(answer, { kind: 'locked', reason: /^the state directory cannot be used: others/ })
})

t.test('a state directory that cannot be made is told by its path', async (t) => {
  const state = join(t.testdir({ file: '' }), 'file', 'state')
  t.match(await open(state, new ScriptedKeychain()), { kind: 'locked', reason: /ENOTDIR$/ })
  t.match(await open(state, new ScriptedKeychain(), 'memory'), { kind: 'open' })
})
