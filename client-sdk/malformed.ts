import { GrantdUnreachableError } from './unreachable.ts'

/**
 * The error for an answer that no daemon of ours gives.
 *
 * @param detail What is wrong with it, without any byte of its body.
 */
export function malformed(detail: string): GrantdUnreachableError {
  return new GrantdUnreachableError('malformed', `what answered is not grantd: ${detail}`)
}
