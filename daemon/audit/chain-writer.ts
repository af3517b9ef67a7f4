import type { KeyObject } from 'node:crypto'
import { writeSync } from 'node:fs'
import { formatAuditEntry } from './audit-record.ts'
import { chainLine, type Head } from './chain.ts'
import { fragmentOf, TAIL_BYTES } from './find-end.ts'
import { LineMac } from './line-mac.ts'

/** What stands at the end of a log before we write to it. */
export interface WriterStart {
  readonly head: Head
  readonly macKey: KeyObject
  readonly isTorn: boolean
  /** As in the end that was found. */
  readonly fragment: string | undefined
  readonly now: () => number
}

/** A part of what is written at once, and where the chain stands when it is written whole. */
interface Piece {
  readonly text: string
  readonly head: Head
  /** The fragment that it tells of, and that stays untold while it is not whole. */
  readonly untold: string
}

/**
 * Adds lines to a file, one write each. A line that was cut short is ended before the next
 * one and stays one broken line; a line of its own says so, and the chain goes on behind the
 * last whole one.
 */
export class ChainWriter {
  #mac: LineMac
  #head: Head
  #isTorn: boolean
  #fragment: string | undefined
  readonly #now: () => number

  constructor({ head, macKey, isTorn, fragment, now }: WriterStart) {
    this.#head = head
    this.#mac = new LineMac(macKey)
    this.#isTorn = isTorn
    this.#fragment = fragment
    this.#now = now
  }

  get head(): Head {
    return this.#head
  }

  /** True when the file ends within a line. */
  get isTorn(): boolean {
    return this.#isTorn
  }

  /** What stands behind the last whole line, and the next one will tell of. */
  get fragment(): string | undefined {
    return this.#fragment
  }

  /** From the next line on. */
  use(macKey: KeyObject): void {
    this.wipe()
    this.#mac = new LineMac(macKey)
  }

  /** Forgets the key: nothing is written any more. */
  wipe(): void {
    this.#mac.wipe()
  }

  /**
   * @param textAfter Makes the line, for the head it comes to stand behind.
   * @returns Bytes that were written.
   * @throws The error of the system call; what was written before it stays.
   */
  write(fd: number, textAfter: (head: Head) => string): number {
    const before = this.#isTorn ? this.#mended() : []
    const last = before.at(-1)?.head ?? this.#head
    const { line, head } = chainLine(textAfter(last), last, this.#mac)
    const pieces = [...before, { text: line, head, untold: '' }]
    const text = pieces.length === 1 ? line : pieces.map((one) => one.text).join('')
    const bytes = Buffer.from(text, 'latin1')
    let done = 0
    try {
      while (done < bytes.length) done += writeSync(fd, bytes, done)
    } finally {
      this.#account(pieces, done)
    }
    return done
  }

  #mended(): Piece[] {
    const fragment = this.#fragment
    // either a line that only lacks its end, or nothing of ours: no line vouches for that
    if (fragment === undefined) return [{ text: '\n', head: this.#head, untold: '' }]
    const entry = { event: 'audit.torn', audit: { ...fragmentOf(fragment) } } as const
    const { line, head } = chainLine(formatAuditEntry(entry, this.#now()), this.#head, this.#mac)
    return [{ text: `\n${line}`, head, untold: fragment }]
  }

  /** Where the chain stands after the first `done` bytes. */
  #account(pieces: readonly Piece[], done: number): void {
    let left = done
    for (const { text, head, untold } of pieces) {
      if (left === 0) return
      if (left < text.length) {
        this.#isTorn = true
        // nothing but its end is missing: it counts, and gets its end with the next one
        const isLine = left === text.length - 1
        const fragment = untold + text.slice(0, left)
        this.#fragment = isLine || fragment.length > TAIL_BYTES ? undefined : fragment
        if (isLine) this.#head = head
        return
      }
      left -= text.length
      this.#head = head
      this.#isTorn = false
      this.#fragment = undefined
    }
  }
}
