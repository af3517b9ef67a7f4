import type { Damage } from './damage.ts'

/** A line of a log with all its bytes, each one character, and without its end. */
export interface RawLine {
  readonly file: string
  /** From 1, within its file. */
  readonly line: number
  readonly text: string
}

/** Something that is not as the daemon wrote it. */
export interface Finding {
  readonly kind: Damage['kind'] | 'forged' | 'new_key' | 'damaged'
  readonly file: string
  readonly line: number
  readonly detail: string
}
