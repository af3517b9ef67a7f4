import { type DialogueEnd, PinentryDialogue } from './pinentry-dialogue.ts'
import type { Prompt, Prompter } from './prompt.ts'
import { type ProgramEnd, runPromptProgram } from './prompt-program.ts'

/** What a pinentry needs. */
export interface PinentryOptions {
  /** Absolute path of the program; a sentence instead when there is none to be used. */
  readonly program: () => { readonly path: string } | { readonly problem: string }
  readonly environment: NodeJS.ProcessEnv
  /** Seconds the program may show the question. */
  readonly seconds: number
  /** Milliseconds until the question must be on the screen. */
  readonly startMs: number
}

/**
 * Asks by a pinentry. The middle button asks once more, for the wider yes alone, so that
 * no yes is ever anything but an OK to the words on its button.
 */
export function pinentryPrompter(options: PinentryOptions): Prompter {
  return async (prompt, signal) => {
    const found = options.program()
    if ('problem' in found) return { kind: 'unavailable', reason: found.problem }
    const first = await converse(found.path, prompt, options, signal)
    if (first.kind !== 'wider') return first
    const [, wider] = prompt.choices
    if (wider === undefined) return { kind: 'denied' }
    const second = await converse(found.path, { ...prompt, choices: [wider] }, options, signal)
    return second.kind === 'wider' ? { kind: 'denied' } : second
  }
}

async function converse(
  path: string,
  prompt: Prompt,
  { environment, seconds, startMs }: PinentryOptions,
  signal: AbortSignal,
): Promise<DialogueEnd> {
  const dialogue = new PinentryDialogue(prompt, seconds)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), startMs)
  const withdraw = (): void => late.abort()
  signal.addEventListener('abort', withdraw)
  if (signal.aborted) withdraw()
  let end: DialogueEnd | undefined
  const program = await runPromptProgram(
    {
      path,
      arguments: [],
      environment,
      hear: (chunk) => {
        const move = dialogue.hear(chunk)
        end ??= move.end
        if (dialogue.isAsked) clearTimeout(timer)
        return { say: move.say, isOver: end !== undefined }
      },
    },
    late.signal,
  )
  clearTimeout(timer)
  signal.removeEventListener('abort', withdraw)
  return end ?? endOf(program, dialogue.isAsked, signal.aborted)
}

/** A program that ended without an answer. Whoever closes a question that stood there has answered it. */
function endOf(program: ProgramEnd, isAsked: boolean, isWithdrawn: boolean): DialogueEnd {
  if (isWithdrawn) return { kind: 'timeout' }
  if (isAsked && program.kind !== 'failed') return { kind: 'denied' }
  return { kind: 'unavailable', reason: `pinentry: ${programWords(program)}` }
}

function programWords(program: ProgramEnd): string {
  switch (program.kind) {
    case 'exited':
      return `it ended with status ${program.status}`
    case 'crashed':
      return `it ended by ${program.signal}`
    case 'failed':
      return program.reason
    case 'over':
    case 'aborted':
      break
  }
  return 'it does not answer'
}
