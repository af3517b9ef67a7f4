import { choiceLabel } from './choice.ts'
import type { Prompter } from './prompt.ts'
import { runPromptProgram } from './prompt-program.ts'

/**
 * Asks by the program that OpenSSH asks with, as it is asked to confirm: status 0 is a yes.
 * It has one yes only, and the text says which. Without a desktop it is not tried, because
 * there is nothing it could show.
 *
 * @param environment With `SSH_ASKPASS`, an absolute path, and a display.
 * @param judge Says why a program must not be started; `undefined` when it may.
 * @see ssh-add(1), `SSH_ASKPASS_PROMPT`
 */
export function askpassPrompter(
  environment: NodeJS.ProcessEnv,
  judge: (path: string) => string | undefined,
): Prompter {
  return async ({ text, choices }, signal) => {
    const { SSH_ASKPASS: path, DISPLAY, WAYLAND_DISPLAY } = environment
    if (!path) return unavailable('SSH_ASKPASS is not set')
    if (!DISPLAY && !WAYLAND_DISPLAY) return unavailable('there is no desktop for SSH_ASKPASS')
    const problem = judge(path)
    if (problem !== undefined) return unavailable(`SSH_ASKPASS: ${problem}`)
    const choice = choices.at(-1) ?? choices[0]
    const program = await runPromptProgram(
      {
        path,
        arguments: [`${text}\n\nYes means: ${choiceLabel(choice)}`],
        environment,
        more: { SSH_ASKPASS_PROMPT: 'confirm' },
        hear: () => ({ say: '', isOver: false }),
      },
      signal,
    )
    switch (program.kind) {
      case 'exited':
        return program.status === 0 ? { kind: 'allowed', choice } : { kind: 'denied' }
      case 'aborted':
        return { kind: 'timeout' }
      case 'crashed':
        return unavailable(`SSH_ASKPASS: it ended by ${program.signal}`)
      case 'failed':
      case 'over':
        break
    }
    return unavailable('SSH_ASKPASS: it could not be used')
  }
}

function unavailable(reason: string): { readonly kind: 'unavailable'; readonly reason: string } {
  return { kind: 'unavailable', reason }
}
