import { assuanCommand, terminalOptions } from './assuan-command.ts'
import { AssuanReplies, type AssuanReply } from './assuan-reply.ts'
import { choiceLabel } from './choice.ts'
import type { Prompt, PromptAnswer } from './prompt.ts'

/** How a dialogue ended; `wider` is the middle button, which allows nothing yet. */
export type DialogueEnd = PromptAnswer | { readonly kind: 'wider' }

/** What to do after some bytes of the program. */
export interface NextMove {
  /** Bytes for the program, if any. */
  readonly say: string
  readonly end?: DialogueEnd
}

/** One command, and what is to be done with its answer. */
interface Step {
  readonly command: string
  /** `ok`: nothing goes on without it; `any`: a program may not know it; `err`: it must not know it. */
  readonly wants: 'ok' | 'any' | 'err'
}

/**
 * Programs that show three buttons. Others show two, and call the second one what the
 * middle one is called here: with them nothing may be offered there.
 */
const THREE_BUTTONS = /^(?:\w+:)?(?:curses|tty|gtk2|qt\d?)$/

/** The errors that are a person's no, by the number without the source. @see libgpg-error */
const NO = { cancelled: 99, notConfirmed: 114, fullyCancelled: 198 } as const
const TIMED_OUT = 62

/** Nobody knows it. Who says OK to it says OK to everything, and so says nothing. */
const NO_COMMAND = 'GRANTDPROBE'

/**
 * The conversation with a pinentry, as values: bytes in, bytes and at last an end out. The
 * one yes is OK to CONFIRM. The middle button leads to a question of its own, because some
 * programs say of every refusal what others say of that button. Whatever a program says
 * before it is asked ends the conversation: it does not listen.
 */
export class PinentryDialogue {
  readonly #prompt: Prompt
  readonly #replies = new AssuanReplies()
  /** Composed before anything is started: with and without the middle button. */
  readonly #questions: { readonly two: readonly Step[]; readonly three: readonly Step[] }
  #steps: Step[] | undefined
  #current: Step | undefined
  #flavor = ''

  /**
   * @param seconds Until the program gives up by itself; whole, at least 1.
   * @throws TypeError when the prompt's text cannot be sent
   */
  constructor(prompt: Prompt, seconds: number) {
    this.#prompt = prompt
    this.#questions = {
      two: questionSteps(prompt, seconds, false),
      three: questionSteps(prompt, seconds, true),
    }
  }

  /** True from the moment the question may be on the screen. */
  get isAsked(): boolean {
    return this.#current?.command === CONFIRM.command
  }

  /** Takes what the program wrote. */
  hear(chunk: Uint8Array): NextMove {
    const replies = this.#replies.read(chunk)
    for (const [at, reply] of replies.entries()) {
      const move = this.#answer(reply)
      if (move === undefined) continue
      const isMore = at < replies.length - 1 || this.#replies.isWithinLine
      if (isMore && !isRefusal(move.end)) return broken('it answers before it is asked')
      return move
    }
    return { say: '' }
  }

  /** @returns `undefined` while the answer to the last command is not complete. */
  #answer(reply: AssuanReply): NextMove | undefined {
    if (reply.kind === 'broken') return broken(reply.why)
    if (reply.kind === 'aside') return undefined
    if (reply.kind === 'data') {
      if (this.#current?.command === FLAVOR.command) this.#flavor = reply.bytes
      return undefined
    }
    const current = this.#current
    // the greeting
    if (current === undefined)
      return reply.kind === 'ok' ? this.#next() : broken('it does not greet')
    if (current.command === CONFIRM.command)
      return { say: assuanCommand('BYE'), end: this.#verdict(reply) }
    if (current.wants === 'ok' && reply.kind === 'err')
      return broken(`error ${reply.code} to ${current.command.split(/\s/)[0]}`)
    if (current.wants === 'err' && reply.kind === 'ok') return broken('it says OK to everything')
    return this.#next()
  }

  #next(): NextMove {
    if (this.#current === undefined) this.#current = FLAVOR
    else {
      this.#steps ??= [...this.#questions[this.#hasMiddle() ? 'three' : 'two']]
      this.#current = this.#steps.shift() ?? CONFIRM
    }
    return { say: this.#current.command }
  }

  #hasMiddle(): boolean {
    return this.#prompt.choices.length > 1 && THREE_BUTTONS.test(this.#flavor)
  }

  #verdict(reply: Extract<AssuanReply, { kind: 'ok' | 'err' }>): DialogueEnd {
    const { choices } = this.#prompt
    if (reply.kind === 'ok')
      return {
        kind: 'allowed',
        choice: (this.#hasMiddle() ? choices[0] : choices.at(-1)) ?? choices[0],
      }
    const code = reply.code & 0xffff
    if (code === TIMED_OUT) return { kind: 'timeout' }
    if (code === NO.notConfirmed && this.#hasMiddle()) return { kind: 'wider' }
    if (Object.values<number>(NO).includes(code)) return { kind: 'denied' }
    return { kind: 'unavailable', reason: `pinentry: error ${reply.code}` }
  }
}

const FLAVOR = step('GETINFO', 'flavor', 'any')
const CONFIRM = step('CONFIRM', '', 'ok')

function questionSteps(
  { text, tty, choices }: Prompt,
  seconds: number,
  hasMiddle: boolean,
): readonly Step[] {
  const [narrowest] = choices
  const widest = choices.at(-1) ?? narrowest
  return [
    ...terminalOptions(tty).map((option) => step('OPTION', option, 'any')),
    step('SETTIMEOUT', String(seconds), 'any'),
    step('SETTITLE', 'grantd', 'any'),
    step('SETDESC', text, 'ok'),
    step('SETOK', choiceLabel(hasMiddle ? narrowest : widest), 'ok'),
    ...(hasMiddle ? [step('SETNOTOK', `${choiceLabel(widest)}...`, 'ok')] : []),
    step('SETCANCEL', 'Deny', 'any'),
    step(NO_COMMAND, '', 'err'),
  ]
}

function step(name: string, argument: string, wants: Step['wants']): Step {
  return { command: assuanCommand(name, argument), wants }
}

function broken(why: string): NextMove {
  return { say: '', end: { kind: 'unavailable', reason: `pinentry: ${why}` } }
}

function isRefusal(end: DialogueEnd | undefined): boolean {
  return end !== undefined && end.kind !== 'allowed' && end.kind !== 'wider'
}
