import type { DurableProvider, Refusal } from './keeper.ts'
import { KEEPER_WORDS } from './keeper-words.ts'
import type { SealHeader } from './seal.ts'
import { isAnythingSealed, type SealedState } from './sealed-state.ts'
import type { Provider } from './sealing-key.ts'
import type { Need } from './vault-facts.ts'

/** Why there is no vault yet, and what a person can do about it. */
export interface Locked {
  readonly kind: 'locked'
  readonly reason: string
  readonly hint: string
  readonly needs?: Need
}

/** What the configuration says about who keeps the key. */
export type KeyWish = Provider | 'auto'

/** A header that names a key that somebody outside the daemon keeps. */
export type PinnedKey = SealHeader & { readonly provider: DurableProvider }

/** Where the sealing key comes from, or why there is none. */
export type KeyPlan =
  /** Ask for each of these keys in turn; the first that is found opens the vault. */
  | { readonly kind: 'find'; readonly keys: readonly PinnedKey[]; readonly notice?: string }
  /** Nothing is sealed: make a key and give it to the first of these who can be reached. */
  | { readonly kind: 'make'; readonly keepers: readonly Provider[] }
  | Locked

/** Said wherever grants are not written to disk. */
export const MEMORY_ONLY = 'grants are kept in memory and end with the daemon'

const INIT = 'grantd vault init'
const GIVE_UP = 'grantd vault init --discard-sealed'

/**
 * The table that keeps sealed records safe from a second key and from a weaker keeper:
 * only `nothing sealed` ever leads to a new key or to memory, and what is pinned wins
 * over what the configuration says.
 *
 * @param wish As configured.
 * @param machineTag Of this machine.
 */
export function planKey(wish: KeyWish, sealed: SealedState, machineTag: Buffer): KeyPlan {
  if (!isAnythingSealed(sealed)) return planFirstKey(wish)
  const named = namedKeys(sealed)
  if (named.length === 0)
    return locked(
      'nothing of what is sealed says any more who keeps its key',
      `restore the state directory from a backup; without one: ${GIVE_UP}`,
      'key',
    )
  const ours = named.filter((header) => header.machineTag.equals(machineTag))
  if (ours.length === 0)
    return locked(
      'the vault was sealed on another machine',
      `use it on the machine it was sealed on; here: ${GIVE_UP}, and log in again`,
      'key',
    )
  const keys = ours.flatMap(keptOutside)
  const [first] = keys
  if (first === undefined)
    return locked('the key of the vault was never kept anywhere', GIVE_UP, 'key')
  if (sealed.rekey === 'damaged')
    return { kind: 'find', keys, notice: 'the file of an unfinished rekey is damaged' }
  if (wish === 'auto' || wish === first.provider) return { kind: 'find', keys }
  const notice = `its key stays with ${KEEPER_WORDS[first.provider]}, whatever the configuration says; to move it: grantd vault rekey`
  return { kind: 'find', keys, notice }
}

/** True when the next keeper may be asked to keep a first key. */
export function leadsOn(refusal: Refusal): boolean {
  return refusal.kind === 'unavailable'
}

/**
 * Which of several refusals is told: what a person can answer, then what time can mend.
 *
 * @param refusals At least one.
 */
export function lockedBy(refusals: readonly Refusal[]): Locked {
  const told = TOLD_FIRST.map((kind) => refusals.find((refusal) => refusal.kind === kind))
  const refusal = told.find((each) => each !== undefined)
  if (refusal === undefined) throw new TypeError('nobody refused')
  const { kind, reason, hint } = refusal
  const needs = kind === 'wrong' || kind === 'asks' ? ('passphrase' as const) : undefined
  return { kind: 'locked', reason, hint, ...(needs && { needs }) }
}

const TOLD_FIRST = ['wrong', 'asks', 'silent', 'none', 'unavailable'] as const

/** A choice by name never falls back to another. */
function planFirstKey(wish: KeyWish): KeyPlan {
  if (wish === 'auto') return { kind: 'make', keepers: ['keychain', 'kernel_keyring', 'memory'] }
  if (wish === 'passphrase') return locked('no passphrase was chosen yet', INIT, 'init')
  return { kind: 'make', keepers: [wish] }
}

/**
 * The keys that may open what is sealed, the likeliest first. An unfinished rekey names
 * two, the new one first, because where that is kept the rekey goes forward. A whole pin
 * decides alone; without one the records do, most of them first.
 */
export function namedKeys({ headers, pin, rekey }: SealedState): readonly SealHeader[] {
  if (rekey !== undefined && rekey !== 'damaged') return [rekey.to, rekey.from]
  if (pin !== undefined && pin !== 'damaged') return [pin]
  const groups = new Map<string, SealHeader[]>()
  for (const header of headers) {
    const { provider, parameters, keyId, machineTag } = header
    const name = [provider, ...[parameters, keyId, machineTag].map((each) => each.toString('hex'))]
    const group = groups.get(name.join())
    if (group === undefined) groups.set(name.join(), [header])
    else group.push(header)
  }
  return [...groups.values()].sort((a, b) => b.length - a.length).flatMap(([one]) => one ?? [])
}

function keptOutside(header: SealHeader): readonly PinnedKey[] {
  const { provider } = header
  return provider === 'memory' ? [] : [{ ...header, provider }]
}

function locked(reason: string, hint: string, needs: Need): Locked {
  return { kind: 'locked', reason, hint, needs }
}
