import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { argumentRoom } from './assuan-command.ts'
import { type Choice, type ConsentWish, offeredChoices } from './choice.ts'
import type { Consent, ConsentAnswer, ConsentQuestion, Permission, Waiter } from './consent.ts'
import { consentKey, isMemorable, programKey } from './consent-key.ts'
import { ConsentMemory } from './consent-memory.ts'
import { PendingPrompt } from './pending-prompt.ts'
import type { PromptAnswer, Prompter } from './prompt.ts'
import { questionText } from './question-text.ts'
import { RecentRefusals } from './recent-refusals.ts'

/** How a question that was put ended. */
export type ConsentEnd =
  | { readonly kind: 'given'; readonly choice: Choice }
  /** A word of ours, such as `denied`, `timeout` or `unavailable`. */
  | { readonly kind: 'denied'; readonly reason: string }

/** Bounds of the desk; each is a constant of the limits. */
interface DeskCaps {
  readonly prompts: number
  readonly promptsPerProgram: number
  readonly waitersPerPrompt: number
  readonly waiters: number
  readonly remembered: number
}

/** Everything a desk needs. */
export interface DeskOptions {
  readonly clock: Clock
  readonly show: Prompter
  /** The same value as long as nothing was changed in the rules. */
  readonly rules: () => unknown
  readonly caps: DeskCaps
  /** Milliseconds a question may stand on the screen. */
  readonly promptMs: number
  /** Milliseconds a question may wait for the screen. */
  readonly queueMs: number
  /** Milliseconds a no counts for more of the same. */
  readonly refusalMs: number
  readonly record: ConsentRecord
}

/** Where it is written down who was asked what, and what came of it. */
export interface ConsentRecord {
  /** @throws GrantdError `audit_unavailable`: nobody is asked */
  asked(question: ConsentQuestion): void
  /** @throws GrantdError `audit_unavailable`: nothing is given */
  ended(question: ConsentQuestion, end: ConsentEnd): void
}

/** When to come back after a queue that was full: a prompt may be gone by then. */
const RETRY_SECONDS = 10

const REFUSALS = {
  denied: 'the person at the prompt said no',
  timeout: 'nobody answered the prompt in time',
} as const

/**
 * Where the person is asked: one question at a time on the screen, and one for everybody
 * who waits for the same. Whoever is not asked about waits for nothing here.
 */
export class ConsentDesk implements Consent {
  readonly #options: DeskOptions
  readonly #memory: ConsentMemory
  readonly #refusals: RecentRefusals
  readonly #pending = new Map<string, PendingPrompt>()
  #onScreen: PendingPrompt | undefined
  /** The program that was asked about last. */
  #last: string | undefined
  #refused = 0
  #isClosed = false
  /** Resolves when nothing is on the screen. */
  #screen: Promise<void> = Promise.resolve()
  /** Changes when everything that was said is forgotten. */
  #era = {}

  constructor(options: DeskOptions) {
    this.#options = options
    const { clock, rules, caps, refusalMs } = options
    this.#memory = new ConsentMemory({ clock, rules, max: caps.remembered })
    this.#refusals = new RecentRefusals({ clock, pauseMs: refusalMs })
  }

  /** Questions on the screen or in the queue. */
  get pending(): number {
    return this.#pending.size
  }

  /** Answers that count for later requests, too. */
  get remembered(): number {
    return this.#memory.standing
  }

  /** Questions that were not put because there were too many, or because of a no just before. */
  get refused(): number {
    return this.#refused
  }

  async ask(question: ConsentQuestion, wish: ConsentWish, waiter: Waiter): Promise<ConsentAnswer> {
    const key = consentKey(question)
    if (this.#isClosed) return { kind: 'unavailable', reason: 'the daemon is stopping' }
    if (this.#memory.has(key, wish)) return this.#remembered(key)
    if (this.#refusals.counts(question)) {
      this.#refused += 1
      return { kind: 'denied', reason: 'somebody said no a moment ago' }
    }
    // another rule may want something else of the same request, and then asks for itself
    const slot = `${JSON.stringify(wish)} ${key}`
    const before = this.#pending.get(slot)
    this.#requireRoom(before)
    const pending = before ?? this.#enqueue(slot, question, wish)
    const answer = pending.wait(waiter)
    this.#showNext()
    return await answer
  }

  forgetGrant(grantId: string): void {
    this.#memory.forgetGrant(grantId)
    for (const [slot, pending] of this.#pending)
      if (pending.question.grantId === grantId) this.#withdraw(slot, pending)
  }

  forgetAll(): void {
    this.#era = {}
    this.#memory.clear()
    for (const [slot, pending] of this.#pending) this.#withdraw(slot, pending)
  }

  /** Takes everything off the screen; nobody is asked any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.forgetAll()
    await this.#screen
  }

  /** A yes from before: it stands as long as it is remembered. */
  #remembered(key: string): Permission {
    return { kind: 'allowed', stillStands: (wish) => this.#memory.has(key, wish) }
  }

  /** A yes to this very question: it is enough for any rule, but not for other rules. */
  #fresh(): Permission {
    const { rules } = this.#options
    const [era, then] = [this.#era, rules()]
    return { kind: 'allowed', stillStands: () => this.#era === era && rules() === then }
  }

  #enqueue(slot: string, question: ConsentQuestion, wish: ConsentWish): PendingPrompt {
    const { caps, queueMs, rules } = this.#options
    const program = programKey(question)
    const ofProgram = [...this.#pending.values()].filter(
      (pending) => programKey(pending.question) === program,
    )
    if (ofProgram.length >= caps.promptsPerProgram)
      throw this.#refuse('rate_limited', 'this program has too many questions open')
    if (this.#pending.size >= caps.prompts)
      throw this.#refuse('overloaded', 'too many questions wait for a person')
    const timer = setTimeout(() => {
      if (pending === this.#onScreen) return
      this.#remove(slot, pending)
      pending.fail(this.#refuse('overloaded', 'other questions were on the screen all the time'))
    }, queueMs)
    const pending = new PendingPrompt({
      question,
      wish,
      rules: rules(),
      onDeserted: () => this.#remove(slot, pending),
    })
    pending.screen.addEventListener('abort', () => clearTimeout(timer))
    this.#pending.set(slot, pending)
    return pending
  }

  #requireRoom(pending: PendingPrompt | undefined): void {
    const { caps } = this.#options
    if (pending !== undefined && pending.waiting >= caps.waitersPerPrompt)
      throw this.#refuse('rate_limited', 'too many requests wait for one answer of a person')
    const all = [...this.#pending.values()].reduce((sum, one) => sum + one.waiting, 0)
    if (all >= caps.waiters)
      throw this.#refuse('overloaded', 'too many requests wait for answers of a person')
  }

  #refuse(code: 'rate_limited' | 'overloaded', detail: string): GrantdError {
    this.#refused += 1
    return new GrantdError(code, detail, { retryAfterSeconds: RETRY_SECONDS })
  }

  #withdraw(slot: string, pending: PendingPrompt): void {
    this.#remove(slot, pending)
    pending.settle({ kind: 'withdrawn' })
  }

  /** The same may have been asked anew by now. */
  #remove(slot: string, pending: PendingPrompt): void {
    if (this.#pending.get(slot) === pending) this.#pending.delete(slot)
  }

  /** The next one is of another program than the last where there is one: none has the screen for itself. */
  #showNext(): void {
    if (this.#onScreen !== undefined) return
    const queue = [...this.#pending]
    const [slot, pending] =
      queue.find(([, { question }]) => programKey(question) !== this.#last) ?? queue[0] ?? []
    if (slot === undefined || pending === undefined) return
    this.#onScreen = pending
    this.#last = programKey(pending.question)
    this.#screen = this.#put(slot, pending).finally(() => {
      this.#onScreen = undefined
      this.#showNext()
    })
  }

  /** Puts one question, and tells everybody what came of it; never rejects. */
  async #put(slot: string, pending: PendingPrompt): Promise<void> {
    const { record } = this.#options
    try {
      record.asked(pending.question)
      const answer = await this.#show(pending)
      if (pending.end === undefined) this.#conclude(pending, answer)
      else record.ended(pending.question, { kind: 'denied', reason: pending.end })
    } catch (error) {
      // whoever still waits gets it
      pending.fail(error)
    } finally {
      this.#remove(slot, pending)
    }
  }

  async #show(pending: PendingPrompt): Promise<PromptAnswer> {
    const { show, promptMs } = this.#options
    const { question, wish } = pending
    const timer = setTimeout(() => pending.hide(), promptMs)
    try {
      return await show(
        {
          text: questionText(question, argumentRoom('SETDESC')),
          choices: offeredChoices(wish),
          tty: question.peer.tty,
        },
        pending.screen,
      )
    } finally {
      clearTimeout(timer)
    }
  }

  /** On record first; what cannot be recorded is not given. */
  #conclude(pending: PendingPrompt, answer: PromptAnswer): void {
    const { record, rules } = this.#options
    const { question } = pending
    const deny = (reason: string): void => record.ended(question, { kind: 'denied', reason })
    switch (answer.kind) {
      case 'allowed':
        if (rules() !== pending.rules) {
          deny('rules changed')
          pending.settle({ kind: 'withdrawn' })
          break
        }
        record.ended(question, { kind: 'given', choice: answer.choice })
        if (isMemorable(question))
          this.#memory.keep(consentKey(question), question.grantId, answer.choice)
        pending.settle(this.#fresh())
        break
      case 'denied':
      case 'timeout':
        this.#refusals.note(question)
        deny(answer.kind)
        pending.settle({ kind: 'denied', reason: REFUSALS[answer.kind] })
        break
      case 'unavailable':
        deny('unavailable')
        pending.settle(answer)
    }
  }
}
