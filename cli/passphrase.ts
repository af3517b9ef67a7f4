import { PASSPHRASE_LENGTH } from '@grantd/client/protocol'
import { readSecret } from './read-secret.ts'
import { typeSecret } from './type-secret.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

/** Where a passphrase may come from; never the command line, never the environment. */
export interface PassphraseSource {
  /** True: `--passphrase-stdin` was given. */
  readonly fromStdin: boolean
  readonly signal: AbortSignal
}

/** The option that reads it from a pipe. */
export const PASSPHRASE_OPTION = {
  type: 'boolean',
  text: 'read the passphrase from stdin',
} as const

/**
 * The passphrase of a vault, typed unseen or out of a pipe.
 *
 * @returns undefined when Ctrl-C or a signal came instead.
 * @throws UsageError when there is no terminal to ask at, or nothing was given
 */
export async function passphrase(
  world: World,
  source: PassphraseSource,
): Promise<string | undefined> {
  if (source.fromStdin) return await readSecret(world.stdin, 'the passphrase')
  refuseWithoutTerminal(world)
  const typed = await typeSecret(world.stdin, world.stderr, 'passphrase', source.signal)
  if (typed === '') throw new UsageError('the passphrase is empty')
  return typed
}

/**
 * A passphrase that is chosen now: typed twice, since nobody sees it.
 *
 * @returns undefined when Ctrl-C or a signal came instead.
 * @throws UsageError when it is too short or too long, or the two differ
 */
export async function newPassphrase(
  world: World,
  source: PassphraseSource,
): Promise<string | undefined> {
  if (source.fromStdin) return checked(await readSecret(world.stdin, 'the passphrase'))
  refuseWithoutTerminal(world)
  const { stdin, stderr } = world
  const first = await typeSecret(stdin, stderr, 'new passphrase', source.signal)
  if (first === undefined) return undefined
  checked(first)
  const second = await typeSecret(stdin, stderr, 'the same again', source.signal)
  if (second === undefined) return undefined
  if (first !== second) throw new UsageError('the two passphrases are not the same')
  return first
}

function refuseWithoutTerminal({ stdin, stderr }: World): void {
  if (stdin.isTTY === true && stderr.isTTY) return
  throw new UsageError(
    'a passphrase is needed and there is no terminal to ask at',
    'send it through a pipe to --passphrase-stdin',
  )
}

function checked(text: string): string {
  const { least, most } = PASSPHRASE_LENGTH
  const { length } = Array.from(text)
  if (length < least) throw new UsageError(`a new passphrase has at least ${least} characters`)
  if (length > most) throw new UsageError(`a passphrase has at most ${most} characters`)
  return text
}
