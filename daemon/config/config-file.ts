import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { type Config, DEFAULT_CONFIG, parseConfig } from './parse-config.ts'
import { type OwnFile, readOwnFile, unusable } from './read-own-file.ts'
import type { ConfigLevel } from './read-rules.ts'

/** How long a change of the file may go unnoticed. */
const RECHECK_MS = 1_000

/**
 * Many programs empty a file and then write it, in pieces: what was written so short a time
 * ago may be half of the rules, or none. Writing 64 KiB takes a hundredth of it.
 */
const QUIET_MS = 100

/** What a configuration file says. */
export type ConfigState =
  | { readonly kind: 'good'; readonly config: Config }
  | { readonly kind: 'broken'; readonly problem: string }

/**
 * A configuration file as it is now: read again at most once a second, because no
 * time stamp tells two writes of one moment apart. Of a broken file nothing is kept,
 * not even what stood there before. A file that was there and is gone is broken too:
 * its rules would be gone with it, for the moment in which an editor puts a new one there.
 * For the same reason what stood before stands while a file is being written.
 */
export class ConfigFile {
  readonly path: string
  readonly #uid: number
  readonly #level: ConfigLevel
  readonly #clock: Clock
  #found: OwnFile = { kind: 'absent' }
  #state: ConfigState = { kind: 'good', config: DEFAULT_CONFIG }
  #checkedAt = Number.NEGATIVE_INFINITY
  /** Since when, by the monotonic clock, it has been seen to be written. */
  #writtenSince: number | undefined

  /**
   * @param options.uid Whose file it may be, besides root's.
   * @param options.level Default `user`.
   */
  constructor(options: {
    readonly path: string
    readonly uid: number
    readonly clock: Clock
    readonly level?: ConfigLevel
  }) {
    this.path = options.path
    this.#uid = options.uid
    this.#level = options.level ?? 'user'
    this.#clock = options.clock
  }

  /** What is wrong with the file, with its path, line and column; `undefined` when it is in order. */
  problem(): string | undefined {
    const state = this.look()
    return state.kind === 'broken' ? state.problem : undefined
  }

  /** @throws GrantdError `config_invalid` */
  current(): Config {
    const state = this.look()
    if (state.kind === 'good') return state.config
    throw configInvalid(state.problem)
  }

  /** SHA-256 of the file as `sha256sum` prints it; `undefined` when there is no text to judge. */
  hash(): string | undefined {
    this.look()
    return this.#found.kind === 'text' ? this.#found.hash : undefined
  }

  /**
   * Looks at the file at once, however short the last look was ago, and takes it as it is: who
   * asks for that has written all of it.
   */
  reload(): void {
    this.#checkedAt = Number.NEGATIVE_INFINITY
    this.look()
  }

  /** Milliseconds by the clock that says when to look again. */
  now(): number {
    return this.#clock.monotonic()
  }

  /** What it says now: the same object for as long as nothing in it was changed. */
  look(now = this.now()): ConfigState {
    if (now - this.#checkedAt < RECHECK_MS) return this.#state
    const found = this.#notRemoved(readOwnFile(this.path, this.#uid))
    if (this.#isBeingWritten(found, now)) return this.#state
    this.#checkedAt = now
    if (isSame(found, this.#found)) return this.#state
    this.#found = found
    this.#state = this.#judge(found)
    return this.#state
  }

  /** Not for longer than a change may go unnoticed, however often somebody writes. */
  #isBeingWritten(found: OwnFile, now: number): boolean {
    const isFirstLook = this.#checkedAt === Number.NEGATIVE_INFINITY
    const isQuiet =
      isFirstLook ||
      found.kind !== 'text' ||
      isSame(found, this.#found) ||
      Math.abs(this.#clock.now() - found.changedAt) >= QUIET_MS
    this.#writtenSince = isQuiet ? undefined : (this.#writtenSince ?? now)
    return this.#writtenSince !== undefined && now - this.#writtenSince < RECHECK_MS
  }

  #notRemoved(found: OwnFile): OwnFile {
    return found.kind === 'absent' && this.#found.kind !== 'absent'
      ? unusable('was removed while it was in use; an empty file says nothing')
      : found
  }

  #judge(found: OwnFile): ConfigState {
    if (found.kind === 'absent') return { kind: 'good', config: DEFAULT_CONFIG }
    if (found.kind === 'unusable') return { kind: 'broken', problem: `${this.path}: ${found.what}` }
    const parsed = parseConfig(found.text, this.#level)
    if ('config' in parsed) return { kind: 'good', config: parsed.config }
    const { line, column, message } = parsed.problem
    return { kind: 'broken', problem: `${this.path}:${line}:${column}: ${message}` }
  }
}

/** What a caller is told while a file is broken. */
export function configInvalid(problem: string): GrantdError {
  return new GrantdError('config_invalid', problem, { hint: 'mend the file; no restart is needed' })
}

function isSame(one: OwnFile, other: OwnFile): boolean {
  if (one.kind === 'text') return other.kind === 'text' && one.text === other.text
  if (one.kind === 'unusable') return other.kind === 'unusable' && one.what === other.what
  return one.kind === other.kind
}
