import { readFileSync, type Stats, statSync } from 'node:fs'
import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { type Config, DEFAULT_CONFIG, parseConfig } from './parse-config.ts'

/** How long a change of the file may go unnoticed. */
const RECHECK_MS = 1_000

type State =
  | { readonly kind: 'good'; readonly config: Config }
  | { readonly kind: 'broken'; readonly problem: string }

/**
 * The configuration file as it is now: looked at again when it changed, at most once
 * a second. Of a broken file nothing is kept, not even what stood there before.
 */
export class ConfigFile {
  readonly path: string
  readonly #uid: number
  readonly #clock: Clock
  #state: State = { kind: 'good', config: DEFAULT_CONFIG }
  #stamp: string | undefined
  #checkedAt = Number.NEGATIVE_INFINITY

  /** @param options.uid Our own effective uid. */
  constructor(options: { readonly path: string; readonly uid: number; readonly clock: Clock }) {
    this.path = options.path
    this.#uid = options.uid
    this.#clock = options.clock
  }

  /** What is wrong with the file, with its path, line and column; `undefined` when it is in order. */
  problem(): string | undefined {
    const state = this.#look()
    return state.kind === 'broken' ? state.problem : undefined
  }

  /** @throws GrantdError `config_invalid` */
  current(): Config {
    const state = this.#look()
    if (state.kind === 'good') return state.config
    throw new GrantdError('config_invalid', state.problem, {
      hint: 'mend the file; no restart is needed',
    })
  }

  #look(): State {
    const now = this.#clock.monotonic()
    if (now - this.#checkedAt < RECHECK_MS) return this.#state
    this.#checkedAt = now
    const stats = statOf(this.path)
    const stamp = stats instanceof Error ? stats.message : stampOf(stats)
    if (stamp === this.#stamp) return this.#state
    this.#stamp = stamp
    this.#state = this.#read(stats)
    return this.#state
  }

  #read(stats: Stats | Error | undefined): State {
    if (stats === undefined) return { kind: 'good', config: DEFAULT_CONFIG }
    if (stats instanceof Error) return this.#broken(stats.message)
    if (!stats.isFile()) return this.#broken('is not a file')
    if (stats.uid !== this.#uid && stats.uid !== 0)
      return this.#broken(`belongs to uid ${stats.uid}`)
    if ((stats.mode & 0o022) !== 0) return this.#broken('can be written by others; chmod go-w')
    let text: string
    try {
      text = readFileSync(this.path, 'utf8')
    } catch (error) {
      return this.#broken(`cannot be read: ${codeOf(error)}`)
    }
    const parsed = parseConfig(text)
    if ('config' in parsed) return { kind: 'good', config: parsed.config }
    const { line, column, message } = parsed.problem
    return { kind: 'broken', problem: `${this.path}:${line}:${column}: ${message}` }
  }

  #broken(what: string): State {
    return { kind: 'broken', problem: `${this.path}: ${what}` }
  }
}

function statOf(path: string): Stats | Error | undefined {
  try {
    return statSync(path)
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? undefined
      : new Error(`cannot be looked at: ${codeOf(error)}`)
  }
}

function stampOf(stats: Stats | undefined): string {
  if (stats === undefined) return 'absent'
  return [stats.ino, stats.mtimeMs, stats.ctimeMs, stats.size, stats.mode, stats.uid].join(' ')
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
