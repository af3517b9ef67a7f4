import type { VaultInitRequest, VaultStatus } from '@grantd/client/protocol'
import { confirm } from './confirm.ts'
import { interruption } from './interruption.ts'
import { parseOptions } from './options.ts'
import { newPassphrase } from './passphrase.ts'
import { jsonLine } from './printable.ts'
import { DISCARD_QUESTION, initText, rekeyText, vaultPage } from './text/vault-page.ts'
import { UsageError } from './usage-error.ts'
import { HELP, OPTIONS, type VaultAsk, vaultAsk } from './vault-options.ts'
import { changeVault, vaultStatus } from './vault-status.ts'
import type { Connection, World } from './world.ts'

export { HELP, OPTIONS }

/** How each verb tells what came of it. */
const TEXTS: Readonly<Record<VaultAsk['verb'], (vault: VaultStatus) => string>> = {
  status: vaultPage,
  init: initText,
  rekey: rekeyText,
}

/** `grantd vault`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, OPTIONS)
  const ask = vaultAsk(parsed)
  const admin = world.connect('admin')
  const answered = ask.verb === 'status' ? {} : await questions(world, admin, ask)
  if (typeof answered === 'number') return answered
  const vault =
    ask.verb === 'status' ? await vaultStatus(admin) : await changeVault(admin, ask.verb, answered)
  world.stdout.write(parsed.values.json === true ? jsonLine(vault) : TEXTS[ask.verb](vault))
  return 0
}

/**
 * Asks the person what only a person can say. Once all is said, a signal ends the command
 * as usual, and what was sent goes on.
 *
 * @returns The body to send, or the exit status when the person gave up.
 */
async function questions(
  world: World,
  admin: Connection,
  ask: VaultAsk,
): Promise<VaultInitRequest | number> {
  const interrupted = interruption(world)
  try {
    const { signal } = interrupted
    const isAgreed = await agrees(world, ask, signal)
    if (isAgreed === undefined) return interrupted.exitStatus()
    if (!isAgreed) return 1
    const needed = await needsPassphrase(admin, ask)
    const text = needed
      ? await newPassphrase(world, { fromStdin: ask.fromStdin, signal })
      : undefined
    if (needed && text === undefined) return interrupted.exitStatus()
    return {
      ...(ask.provider && { provider: ask.provider }),
      ...(text !== undefined && { passphrase: text }),
      ...(ask.discardSealed && { discard_sealed: true }),
    }
  } finally {
    interrupted.stop()
  }
}

/** @returns undefined when a signal ended the question. */
async function agrees(
  world: World,
  { discardSealed, isAgreed }: VaultAsk,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  if (!discardSealed || isAgreed) return true
  if (world.stdin.isTTY !== true || !world.stderr.isTTY)
    throw new UsageError('--discard-sealed needs --yes where there is no terminal to ask at')
  return await confirm(world.stdin, world.stderr, DISCARD_QUESTION, signal, 'no')
}

/** Who names no keeper keeps the one there is, or gets the one that is configured. */
async function needsPassphrase(admin: Connection, ask: VaultAsk): Promise<boolean> {
  if (ask.fromStdin) return true
  const { state, provider, needs } = await vaultStatus(admin)
  // the daemon says so, before anybody has thought of a passphrase and typed it twice
  if (ask.verb === 'rekey' && state === 'locked') return false
  if (ask.provider !== undefined) return ask.provider === 'passphrase'
  // no other keeper waits to be asked for a first key
  return ask.verb === 'init' ? needs === 'init' : provider === 'passphrase'
}
