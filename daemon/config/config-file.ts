import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { textHash } from '../base/text-hash.ts'
import { type Config, DEFAULT_CONFIG, parseConfig } from './parse-config.ts'
import type { ConfigLevel } from './read-rules.ts'

/** How long a change of the file may go unnoticed. */
const RECHECK_MS = 1_000

/**
 * Many programs empty a file and then write it, in pieces: what was written so short a time
 * ago may be half of the rules, or none. Writing 64 KiB takes a hundredth of it.
 */
const QUIET_MS = 100

/** Thirty times what a person would write, and read in a blink; a longer file is something else. */
const MAX_CONFIG_BYTES = 65_536

/** What a configuration file says. */
export type ConfigState =
  | { readonly kind: 'good'; readonly config: Config }
  | { readonly kind: 'broken'; readonly problem: string }

/** What lies at the path now. */
type Found =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'text'
      readonly text: string
      readonly hash: string
      /** Milliseconds since the epoch, by the kernel: nobody can set it. */
      readonly changedAt: number
    }
  | { readonly kind: 'unusable'; readonly what: string }

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
  #found: Found = { kind: 'absent' }
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
    const found = this.#notRemoved(read(this.path, this.#uid))
    if (this.#isBeingWritten(found, now)) return this.#state
    this.#checkedAt = now
    if (isSame(found, this.#found)) return this.#state
    this.#found = found
    this.#state = this.#judge(found)
    return this.#state
  }

  /** Not for longer than a change may go unnoticed, however often somebody writes. */
  #isBeingWritten(found: Found, now: number): boolean {
    const isFirstLook = this.#checkedAt === Number.NEGATIVE_INFINITY
    const isQuiet =
      isFirstLook ||
      found.kind !== 'text' ||
      isSame(found, this.#found) ||
      Math.abs(this.#clock.now() - found.changedAt) >= QUIET_MS
    this.#writtenSince = isQuiet ? undefined : (this.#writtenSince ?? now)
    return this.#writtenSince !== undefined && now - this.#writtenSince < RECHECK_MS
  }

  #notRemoved(found: Found): Found {
    return found.kind === 'absent' && this.#found.kind !== 'absent'
      ? unusable('was removed while it was in use; an empty file says nothing')
      : found
  }

  #judge(found: Found): ConfigState {
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

/** Judges and reads one and the same file, whatever happens to its name meanwhile. */
function read(path: string, uid: number): Found {
  let fd: number
  try {
    // not blocking: whoever made a pipe of the file shall not make us wait for it
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return unusable(`cannot be read: ${codeOf(error)}`)
    return isLink(path) ? unusable('is a symbolic link to nothing') : { kind: 'absent' }
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) return unusable('is not a file')
    if (stats.uid !== uid && stats.uid !== 0) return unusable(`belongs to uid ${stats.uid}`)
    if ((stats.mode & 0o022) !== 0) return unusable('can be written by others; chmod go-w')
    return textOf(fd)
  } finally {
    closeSync(fd)
  }
}

/** Reads what a person may have written and not a byte more, whatever size the file states. */
function textOf(fd: number): Found {
  const bytes = Buffer.allocUnsafe(MAX_CONFIG_BYTES + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(fd, bytes, length, bytes.length - length, null)
  if (length > MAX_CONFIG_BYTES) return unusable(`is longer than ${MAX_CONFIG_BYTES} bytes`)
  const content = bytes.subarray(0, length)
  const hash = textHash(content)
  // not before: somebody may have written while we read
  const { ctimeMs: changedAt } = fstatSync(fd)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    return { kind: 'text', text, hash, changedAt }
  } catch {
    // what cannot be read as text might have been a rule
    return unusable('is not UTF-8')
  }
}

/** A link to nothing is not the same as no file: somebody meant to say something. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

function unusable(what: string): Found {
  return { kind: 'unusable', what }
}

function isSame(one: Found, other: Found): boolean {
  if (one.kind === 'text') return other.kind === 'text' && one.text === other.text
  if (one.kind === 'unusable') return other.kind === 'unusable' && one.what === other.what
  return one.kind === other.kind
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
