import t from 'tap'
import {
  type KeyPlan,
  type KeyWish,
  leadsOn,
  lockedBy,
  planKey,
} from '../../../daemon/vault/choose-key.ts'
import type { Refusal } from '../../../daemon/vault/keeper.ts'
import type { SealHeader } from '../../../daemon/vault/seal.ts'
import type { SealedState } from '../../../daemon/vault/sealed-state.ts'
import { machineTagOf, type Provider, sealingKeyId } from '../../../daemon/vault/sealing-key.ts'
import { refusal } from './fake-keepers.ts'

const HERE = machineTagOf('machine one')
const ELSEWHERE = machineTagOf('machine two')

function header(fill: number, provider: Provider = 'keychain', machineTag = HERE): SealHeader {
  const keyId = sealingKeyId(Buffer.alloc(32, fill))
  return { provider, parameters: Buffer.alloc(0), keyId, machineTag }
}

const ONE = header(1)
const TWO = header(2)
const NOTHING: SealedState = { count: 0, headers: [], pin: undefined, rekey: undefined }

function sealed(changes: Partial<SealedState>): SealedState {
  return { ...NOTHING, count: changes.headers?.length ?? 0, ...changes }
}

const SPOKEN_FOR = sealed({ pin: ONE, headers: [ONE] })

/** A plan in one line, for a table. */
function told(plan: KeyPlan): string {
  switch (plan.kind) {
    case 'make':
      return `make: ${plan.keepers.join(', ')}`
    case 'find': {
      const keys = plan.keys.map(({ keyId }) => [ONE, TWO].findIndex((h) => h.keyId.equals(keyId)))
      return `find: ${keys.join(', ')}${plan.notice === undefined ? '' : '; a notice'}`
    }
    case 'locked':
      return `locked, needs ${plan.needs ?? 'nothing'}: ${plan.reason}`
    default:
      return plan satisfies never
  }
}

const table: readonly [name: string, wish: KeyWish, sealed: SealedState, plan: string | RegExp][] =
  [
    ['nothing sealed, auto', 'auto', NOTHING, 'make: keychain, kernel_keyring, memory'],
    ['nothing sealed, a keychain', 'keychain', NOTHING, 'make: keychain'],
    ['nothing sealed, the kernel', 'kernel_keyring', NOTHING, 'make: kernel_keyring'],
    ['nothing sealed, a credential', 'credential_file', NOTHING, 'make: credential_file'],
    ['nothing sealed, memory', 'memory', NOTHING, 'make: memory'],
    [
      'nothing sealed, a passphrase',
      'passphrase',
      NOTHING,
      'locked, needs init: no passphrase was chosen yet',
    ],
    ['a pin, auto', 'auto', sealed({ pin: ONE }), 'find: 0'],
    ['a pin, its keeper', 'keychain', sealed({ pin: ONE }), 'find: 0'],
    ['a pin, another keeper', 'passphrase', sealed({ pin: ONE }), 'find: 0; a notice'],
    ['a pin, memory', 'memory', SPOKEN_FOR, 'find: 0; a notice'],
    ['a pin against all records', 'auto', sealed({ pin: ONE, headers: [TWO, TWO] }), 'find: 0'],
    ['records, no pin', 'auto', sealed({ headers: [ONE] }), 'find: 0'],
    ['records of two keys, no pin', 'auto', sealed({ headers: [ONE, TWO, TWO] }), 'find: 1, 0'],
    ['records and a damaged pin', 'auto', sealed({ pin: 'damaged', headers: [ONE] }), 'find: 0'],
    [
      'a damaged pin alone',
      'auto',
      sealed({ pin: 'damaged' }),
      /^locked, needs key: nothing .* says any more/,
    ],
    [
      'records that say nothing',
      'auto',
      sealed({ count: 2 }),
      /^locked, needs key: nothing .* says any more/,
    ],
    [
      'records that say nothing, memory',
      'memory',
      sealed({ count: 2 }),
      /^locked, needs key: nothing .* says any more/,
    ],
    [
      'a pin of another machine',
      'auto',
      sealed({ pin: header(1, 'keychain', ELSEWHERE), headers: [ONE] }),
      'locked, needs key: the vault was sealed on another machine',
    ],
    [
      'records of another machine',
      'auto',
      sealed({ headers: [header(1, 'keychain', ELSEWHERE)] }),
      'locked, needs key: the vault was sealed on another machine',
    ],
    [
      'one record of another machine',
      'auto',
      sealed({ headers: [header(2, 'keychain', ELSEWHERE), ONE] }),
      'find: 0',
    ],
    [
      'a pin of memory, which nobody writes',
      'auto',
      sealed({ pin: header(1, 'memory') }),
      /^locked, needs key: .* never kept anywhere/,
    ],
    [
      'an unfinished rekey',
      'auto',
      sealed({ pin: ONE, rekey: { from: ONE, to: TWO }, headers: [ONE, TWO] }),
      'find: 1, 0',
    ],
    [
      'a damaged rekey',
      'auto',
      sealed({ pin: ONE, rekey: 'damaged', headers: [ONE] }),
      'find: 0; a notice',
    ],
    [
      'an unfinished rekey of another machine',
      'auto',
      sealed({
        rekey: { from: header(1, 'keychain', ELSEWHERE), to: header(2, 'keychain', ELSEWHERE) },
      }),
      /another machine$/,
    ],
  ]

for (const [name, wish, state, plan] of table)
  t.test(`${name}: ${String(plan)}`, async (t) => {
    t.match(told(planKey(wish, state, HERE)), plan)
  })

t.test('what differs from the configuration is told with its cure', async (t) => {
  t.match(planKey('credential_file', SPOKEN_FOR, HERE), {
    notice:
      'its key stays with the OS keychain, whatever the configuration says; to move it: grantd vault rekey',
  })
})

t.test('only a keeper that cannot be reached makes room for another', async (t) => {
  const kinds = ['unavailable', 'none', 'silent', 'asks', 'wrong'] as const
  t.same(
    kinds.filter((kind) => leadsOn(refusal(kind))),
    ['unavailable'],
  )
})

t.test('of several refusals the one is told that a person can answer', async (t) => {
  const order: readonly Refusal['kind'][] = ['wrong', 'asks', 'silent', 'none', 'unavailable']
  for (const [index, kind] of order.entries()) {
    const all = order.slice(index).map(refusal).toReversed()
    const needs = index < 2 ? 'passphrase' : undefined
    t.match(lockedBy(all), { kind: 'locked', reason: `it is ${kind}`, hint: `mend ${kind}`, needs })
  }
  t.throws(() => lockedBy([]), TypeError)
})
