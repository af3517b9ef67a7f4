import t from 'tap'
import type { KeychainReply } from '../../../daemon/platform/keychain.ts'
import { chooseKey, type KeyChoice, type SealedState } from '../../../daemon/vault/choose-key.ts'
import type { SealHeader } from '../../../daemon/vault/seal.ts'
import { type Provider, sealingKeyId } from '../../../daemon/vault/sealing-key.ts'

const KEY = Buffer.alloc(32, 1)
const OTHER = Buffer.alloc(32, 2)

function header(key: Buffer, provider: Provider = 'keychain'): SealHeader {
  return {
    provider,
    parameters: Buffer.alloc(0),
    keyId: sealingKeyId(key),
    machineTag: Buffer.alloc(8),
  }
}

const NOTHING: SealedState = { count: 0, headers: [] }
const OURS: SealedState = { count: 1, headers: [header(KEY)] }
const MIXED: SealedState = { count: 2, headers: [header(OTHER), header(KEY)] }
const UNREADABLE: SealedState = { count: 1, headers: [] }
const ELSEWHERE: SealedState = { count: 1, headers: [header(KEY, 'passphrase')] }

const VALUE: KeychainReply = { kind: 'value', value: KEY }
const NONE: KeychainReply = { kind: 'none' }
const UNAVAILABLE: KeychainReply = { kind: 'unavailable', reason: 'no bus' }
const TIMEOUT: KeychainReply = { kind: 'timeout' }
const CRASHED: KeychainReply = { kind: 'crashed', signal: 'SIGSEGV' }
const DONE: KeychainReply = { kind: 'done' }

const table: readonly [
  name: string,
  choice: 'auto' | 'keychain',
  sealed: SealedState,
  reply: KeychainReply,
  kind: KeyChoice['kind'],
  text: string | RegExp,
][] = [
  ['nothing sealed, a key', 'auto', NOTHING, VALUE, 'use', ''],
  ['nothing sealed, no key', 'auto', NOTHING, NONE, 'make', ''],
  ['nothing sealed, no key, keychain asked for', 'keychain', NOTHING, NONE, 'make', ''],
  [
    'nothing sealed, no keychain',
    'auto',
    NOTHING,
    UNAVAILABLE,
    'memory',
    'no keychain answered (no bus): grants are kept in memory and end with the daemon',
  ],
  [
    'nothing sealed, no keychain, keychain asked for',
    'keychain',
    NOTHING,
    UNAVAILABLE,
    'locked',
    'no keychain answered (no bus)',
  ],
  ['nothing sealed, silence', 'auto', NOTHING, TIMEOUT, 'locked', 'the keychain is not answering'],
  ['nothing sealed, a crash', 'auto', NOTHING, CRASHED, 'locked', /helper died of SIGSEGV$/],
  ['nothing sealed, nonsense', 'auto', NOTHING, DONE, 'locked', /another question/],
  [
    'nothing sealed, a key of no length',
    'auto',
    NOTHING,
    { kind: 'value', value: Buffer.alloc(0) },
    'locked',
    /^wrong key/,
  ],
  ['sealed, its key', 'auto', OURS, VALUE, 'use', ''],
  ['sealed, another key', 'auto', OURS, { kind: 'value', value: OTHER }, 'locked', /^wrong key/],
  ['sealed, no key', 'auto', OURS, NONE, 'locked', /locked, or the sealing key is gone/],
  ['sealed, no keychain', 'auto', OURS, UNAVAILABLE, 'locked', /no bus/],
  ['sealed, silence', 'auto', OURS, TIMEOUT, 'locked', 'the keychain is not answering'],
  ['sealed, a crash', 'auto', OURS, CRASHED, 'locked', /SIGSEGV/],
  ['sealed with two keys, one of them', 'auto', MIXED, VALUE, 'use', ''],
  ['sealed and unreadable, a key', 'auto', UNREADABLE, VALUE, 'use', ''],
  ['sealed and unreadable, no key', 'auto', UNREADABLE, NONE, 'locked', /gone/],
  ['sealed and unreadable, no keychain', 'auto', UNREADABLE, UNAVAILABLE, 'locked', /no bus/],
  [
    'sealed under another keeper, its key',
    'auto',
    ELSEWHERE,
    VALUE,
    'locked',
    /not in the keychain/,
  ],
  ['sealed under another keeper, no key', 'auto', ELSEWHERE, NONE, 'locked', /not in the keychain/],
]

for (const [name, choice, sealed, reply, kind, text] of table) {
  t.test(`${name}: ${kind}`, async (t) => {
    const decision = chooseKey(choice, sealed, reply)
    t.equal(decision.kind, kind)
    if (decision.kind === 'memory') t.match(decision.notice, text)
    if (decision.kind === 'use') t.equal(decision.value, KEY)
    if (decision.kind === 'locked') {
      t.match(decision.reason, text)
      t.match(decision.hint, /./)
    }
  })
}
