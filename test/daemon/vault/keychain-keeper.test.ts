import t from 'tap'
import type { Keychain, KeychainReply } from '../../../daemon/platform/keychain.ts'
import { NO_PARAMETERS } from '../../../daemon/vault/keeper.ts'
import { keychainKeeper } from '../../../daemon/vault/keychain-keeper.ts'
import { sealingKeyId } from '../../../daemon/vault/sealing-key.ts'

const KEY = Buffer.alloc(32, 1)
const OTHER = Buffer.alloc(32, 2)
const ID = sealingKeyId(KEY)
const NAME = { keyId: ID, parameters: NO_PARAMETERS }
const ACCOUNT = `sealing-key-${ID.toString('hex')}`
const EARLIER = 'sealing-key'

/** A keychain with items in it, that says what a test scripts before it says what it has. */
class ScriptedKeychain {
  readonly items: Map<string, Buffer>
  readonly asked: string[] = []
  readonly script: (KeychainReply | 'kept')[] = []

  constructor(items: Readonly<Record<string, Buffer>> = {}) {
    this.items = new Map(Object.entries(items))
  }

  readonly ask: Keychain = async (request, deadlineMs) => {
    const { op, service, account } = request
    this.asked.push(`${op} ${account}`)
    if (service !== 'grantd' || deadlineMs !== 1000) throw new TypeError('not our question')
    const scripted = this.script.shift() ?? 'kept'
    if (scripted !== 'kept') return scripted
    if (op === 'set') this.items.set(account, Buffer.from(request.secret))
    if (op === 'set') return { kind: 'done' }
    if (op === 'delete') return this.items.delete(account) ? { kind: 'done' } : { kind: 'none' }
    const item = this.items.get(account)
    return item ? { kind: 'value', value: Buffer.from(item) } : { kind: 'none' }
  }
}

const UNAVAILABLE: KeychainReply = { kind: 'unavailable', reason: 'no bus' }
const TIMEOUT: KeychainReply = { kind: 'timeout' }

t.test('a key counts once it was read back, and lies under its id', async (t) => {
  const keychain = new ScriptedKeychain()
  const keeper = keychainKeeper(keychain.ask, 1000)
  t.match(await keeper.make(undefined), { kind: 'made', parameters: NO_PARAMETERS })
  t.same(await keeper.keep(ID, KEY), { kind: 'kept' })
  t.same(keychain.asked, [`get ${ACCOUNT}`, `set ${ACCOUNT}`, `get ${ACCOUNT}`])
  t.same(await keeper.find(NAME), { kind: 'found', bytes: KEY })
})

t.test('a key whose yes was lost on the way counts', async (t) => {
  const keychain = new ScriptedKeychain()
  const ask: Keychain = async (request, deadlineMs) => {
    const reply = await keychain.ask(request, deadlineMs)
    return request.op === 'set' ? TIMEOUT : reply
  }
  t.same(await keychainKeeper(ask, 1000).keep(ID, KEY), { kind: 'kept' })
})

const notKept: Record<string, [script: (KeychainReply | 'kept')[], kind: string, reason: RegExp]> =
  {
    'is not there': [[UNAVAILABLE], 'unavailable', /^no keychain answered \(no bus\)$/],
    'is silent at once': [[TIMEOUT], 'silent', /^the keychain is not answering$/],
    'refuses the key': [['kept', UNAVAILABLE], 'silent', /did not keep a new key: .*no bus/],
    'says it kept it and did not': [['kept', { kind: 'done' }], 'silent', /gone from it/],
    'gives another one back': [
      ['kept', 'kept', { kind: 'value', value: Buffer.alloc(32) }],
      'silent',
      /another question/,
    ],
    'gives half of one back': [
      ['kept', 'kept', { kind: 'value', value: Buffer.alloc(16) }],
      'silent',
      /another question/,
    ],
    'falls silent': [['kept', TIMEOUT, TIMEOUT], 'silent', /not answering/],
  }
for (const [name, [script, kind, reason]] of Object.entries(notKept))
  t.test(`a keychain that ${name} has kept nothing`, async (t) => {
    const keychain = new ScriptedKeychain()
    keychain.script.push(...script)
    t.match(await keychainKeeper(keychain.ask, 1000).keep(ID, KEY), { kind, reason, hint: /./ })
    t.equal(keychain.items.size, 0, 'and nothing is left behind')
  })

const notFound: Record<string, [reply: KeychainReply, kind: string, reason: RegExp]> = {
  'locked, or empty': [{ kind: 'none' }, 'none', /locked, or the sealing key is gone/],
  'not there': [UNAVAILABLE, 'unavailable', /no bus/],
  silent: [TIMEOUT, 'silent', /^the keychain is not answering$/],
  crashing: [{ kind: 'crashed', signal: 'SIGSEGV' }, 'silent', /helper died of SIGSEGV$/],
  confused: [{ kind: 'done' }, 'silent', /another question/],
  'full of other keys': [{ kind: 'value', value: OTHER }, 'none', /is another one/],
}
for (const [name, [reply, kind, reason]] of Object.entries(notFound))
  t.test(`a keychain that is ${name} gives no key, and is only asked`, async (t) => {
    const keychain = new ScriptedKeychain()
    keychain.script.push(reply)
    t.match(await keychainKeeper(keychain.ask, 1000).find(NAME), { kind, reason, hint: /./ })
    t.same(
      keychain.asked.filter((question) => !question.startsWith('get ')),
      [],
    )
  })

t.test('a key from before there were pins is found, and forgotten with the rest', async (t) => {
  const keychain = new ScriptedKeychain({ [EARLIER]: KEY })
  const keeper = keychainKeeper(keychain.ask, 1000)
  t.same(await keeper.find(NAME), { kind: 'found', bytes: KEY })
  t.equal(await keeper.forget(ID), true)
  t.equal(keychain.items.size, 0)
})

t.test('the key of another vault is left alone', async (t) => {
  const keychain = new ScriptedKeychain({ [EARLIER]: OTHER, [ACCOUNT]: KEY })
  const keeper = keychainKeeper(keychain.ask, 1000)
  t.equal(await keeper.forget(ID), true)
  t.same([...keychain.items.keys()], [EARLIER])
  t.equal(await keeper.forget(ID), false, 'absent or locked: nothing is known')
  t.match(await keeper.find(NAME), { kind: 'none' })
})

t.test('the wrong bytes of a keychain are wiped', async (t) => {
  const value = Buffer.alloc(32, 9)
  const keychain = new ScriptedKeychain()
  keychain.script.push({ kind: 'value', value })
  await keychainKeeper(keychain.ask, 1000).find(NAME)
  t.same(value, Buffer.alloc(32))
})
