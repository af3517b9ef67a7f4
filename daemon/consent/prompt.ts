import type { Choice } from './choice.ts'

/** A question on its way to the screen. */
export interface Prompt {
  /** Lines of printable ASCII. */
  readonly text: string
  /** The narrowest first. */
  readonly choices: readonly [Choice, ...Choice[]]
  /** The caller's own terminal, as the kernel names it. */
  readonly tty: string | undefined
}

/** What came of it; everything but `allowed` is a refusal. */
export type PromptAnswer =
  | { readonly kind: 'allowed'; readonly choice: Choice }
  | { readonly kind: 'denied' }
  | { readonly kind: 'timeout' }
  /** It could not be shown, so another way may be tried. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/**
 * Shows a prompt and waits for the person; never rejects.
 *
 * @param signal Takes it off the screen; the answer is `timeout` then.
 */
export type Prompter = (prompt: Prompt, signal: AbortSignal) => Promise<PromptAnswer>

/** Tries one way after the other until the question could be put; a no is not asked again elsewhere. */
export function firstThatShows(prompters: readonly Prompter[]): Prompter {
  return async (prompt, signal) => {
    const reasons: string[] = []
    for (const show of prompters) {
      const answer = await show(prompt, signal)
      if (answer.kind !== 'unavailable') return answer
      reasons.push(answer.reason)
    }
    return { kind: 'unavailable', reason: reasons.join('; ') }
  }
}
