import { PATTERNS } from '@grantd/client/protocol'
import { UsageError } from './usage-error.ts'

const GRANT_NAME = new RegExp(PATTERNS.grantName)

/**
 * The name of a grant from the command line.
 *
 * @throws UsageError when it is none
 */
export function grantName(word: string | undefined): string {
  if (word === undefined) throw new UsageError('the name of a grant is missing')
  if (!GRANT_NAME.test(word)) {
    throw new UsageError(
      `"${word}" is no name of a grant: letters, digits, ".", "_", "-", at most 64`,
    )
  }
  return word
}

/**
 * The only positional argument, a grant.
 *
 * @throws UsageError when there are more, or none
 */
export function onlyGrantName(positionals: readonly string[]): string {
  noMore(positionals, 1)
  return grantName(positionals[0])
}

/**
 * Refuses positional arguments beyond the first `count`.
 *
 * @throws UsageError
 */
export function noMore(positionals: readonly string[], count: number): void {
  const extra = positionals[count]
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
}
