import { GrantdError } from '@grantd/client/protocol'
import { type AuditFilter, isWanted } from './audit-filter.ts'
import type { ChainedLog, LogSnapshot } from './audit-log.ts'
import { type Head, linkOf } from './chain.ts'
import { type AuditCursor, offsetIn } from './cursor.ts'
import type { LogEntry } from './log-directory.ts'
import { dayOf, formatLogName } from './log-name.ts'
import { unavailable } from './own-file.ts'
import { type ReadLine, readLines } from './read-lines.ts'
import { ChainVerifier, type Verdict } from './verify-chain.ts'

/** How a log is read. */
export interface AuditReaderOptions {
  readonly log: Pick<ChainedLog, 'snapshot'>
  readonly uid: number
  /** What one page looks through at most. */
  readonly scanBytes: number
  /** What the lines of one page come to at most. */
  readonly pageBytes: number
}

/** Some lines, the oldest first, exactly as they lie on disk. */
export interface AuditPage {
  readonly lines: readonly string[]
  /** Where the next page begins; absent while there is no log. */
  readonly cursor: AuditCursor | undefined
  /** True when there is more to look through than one page may. */
  readonly hasMore: boolean
}

/** Pages that are read at the same time; each takes some milliseconds. */
const MAX_READERS = 8

/** When a reader that found no room may come again. */
const RETRY_SECONDS = 1

/** What is looked at in one go from the end of a file backwards. */
const WINDOW_BYTES = 1_048_576

/** How often a verification begins anew when the oldest file goes while it is read. */
const MAX_ATTEMPTS = 3

/** Reads the log in pieces, so that nobody else waits for it. */
export class AuditReader {
  readonly #options: AuditReaderOptions
  #readers = 0
  #refused = 0
  #verifying: { readonly anchor: string; readonly verdict: Promise<Verdict> } | undefined

  constructor(options: AuditReaderOptions) {
    this.#options = options
  }

  /** Refused since the start, as too many read. */
  get refused(): number {
    return this.#refused
  }

  /**
   * The lines that are wanted, from a cursor on, the oldest first.
   *
   * @param after Without it, from the oldest line on.
   * @throws GrantdError `audit_unavailable`, `overloaded`
   */
  async page(
    filter: AuditFilter,
    after: AuditCursor | undefined,
    limit: number,
  ): Promise<AuditPage> {
    return await this.#reading(() => this.#page(filter, after, limit))
  }

  /**
   * The last lines that are wanted, the oldest first; fewer when they are rare.
   *
   * @throws GrantdError `audit_unavailable`, `overloaded`
   */
  async last(filter: AuditFilter, limit: number): Promise<AuditPage> {
    return await this.#reading(() => this.#last(filter, limit))
  }

  /**
   * Reads all there is. One at a time: who asks for the same meanwhile gets the same verdict.
   *
   * @param anchor A head that was noted elsewhere.
   * @throws GrantdError `audit_unavailable`, `overloaded`
   */
  async verify(anchor: Head | undefined): Promise<Verdict> {
    const name = anchor === undefined ? '' : `${anchor.seq}:${anchor.hash}`
    if (this.#verifying !== undefined && this.#verifying.anchor !== name)
      throw this.#overloaded('the log is being verified against another head')
    this.#verifying ??= { anchor: name, verdict: this.#verify(anchor) }
    try {
      return await this.#verifying.verdict
    } catch (error) {
      throw unavailable(error)
    } finally {
      this.#verifying = undefined
    }
  }

  #overloaded(what: string): GrantdError {
    this.#refused += 1
    return new GrantdError('overloaded', what, { retryAfterSeconds: RETRY_SECONDS })
  }

  async #reading(read: () => Promise<AuditPage>): Promise<AuditPage> {
    if (this.#readers >= MAX_READERS) throw this.#overloaded('too many read the log')
    this.#readers += 1
    try {
      return await read()
    } catch (error) {
      throw unavailable(error)
    } finally {
      this.#readers -= 1
    }
  }

  async #page(
    filter: AuditFilter,
    after: AuditCursor | undefined,
    limit: number,
  ): Promise<AuditPage> {
    const { log, scanBytes, pageBytes } = this.#options
    const { files } = log.snapshot()
    const lines: string[] = []
    let cursor = after
    let scanned = 0
    let length = 0
    for (const [index, file] of files.entries()) {
      const from = offsetIn(file, after)
      if (from === undefined || endsBefore(files[index + 1], filter.since)) continue
      cursor = { name: file.name, offset: from }
      for await (const line of this.#linesOf(file, from, file.size)) {
        const isShown = isShowable(line) && isWanted(line.text, filter)
        length += isShown ? line.text.length : 0
        scanned += line.end - line.offset
        if (length > pageBytes && lines.length > 0) return { lines, cursor, hasMore: true }
        // what has no end yet may get one
        if (!line.isEnded) break
        cursor = { name: file.name, offset: line.end }
        if (isShown) lines.push(line.text)
        if (lines.length === limit || scanned >= scanBytes) return { lines, cursor, hasMore: true }
      }
    }
    return { lines, cursor, hasMore: false }
  }

  async #last(filter: AuditFilter, limit: number): Promise<AuditPage> {
    const { log, scanBytes, pageBytes } = this.#options
    const { files } = log.snapshot()
    let lines: string[] = []
    let cursor: AuditCursor | undefined
    let left = scanBytes
    for (const file of files.toReversed()) {
      for (let end = file.size; end > 0 && left > 0 && lines.length < limit; ) {
        const from = Math.max(0, end - WINDOW_BYTES)
        const found = await this.#window(file, from, end)
        cursor ??= { name: file.name, offset: found.findLast(isShowable)?.end ?? end }
        const texts = found.filter((line) => isShowable(line) && isWanted(line.text, filter))
        lines = [...texts.map(({ text }) => text), ...lines].slice(-limit)
        left -= end - from
        end = found[0]?.offset ?? from
      }
      cursor ??= { name: file.name, offset: 0 }
    }
    return { lines: newestWithin(lines, pageBytes), cursor, hasMore: false }
  }

  /** The lines that begin in a part of a file; what was begun before it is left out. */
  async #window(file: LogEntry, from: number, end: number): Promise<readonly ReadLine[]> {
    const lines: ReadLine[] = []
    for await (const line of this.#linesOf(file, from, end)) lines.push(line)
    return from === 0 ? lines : lines.slice(1)
  }

  async *#linesOf(file: LogEntry, from: number, to: number): AsyncGenerator<ReadLine, void> {
    try {
      for await (const batch of readLines(file.path, this.#options.uid, from, to)) yield* batch
    } catch (error) {
      // the oldest file may go at any moment, and then it was to go
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  async #verify(anchor: Head | undefined): Promise<Verdict> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#verifyOnce(anchor, this.#options.log.snapshot())
      } catch (error) {
        const hasGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
        if (!hasGone || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  async #verifyOnce(
    anchor: Head | undefined,
    { files, head, fragment, newest }: LogSnapshot,
  ): Promise<Verdict> {
    const verifier = new ChainVerifier({ anchor, isOurs: (link) => newest.isOurs(link) })
    for (const entry of files) {
      const file = formatLogName(entry.name)
      let line = 0
      for await (const batch of readLines(entry.path, this.#options.uid, 0, entry.size))
        for (const { text } of batch) {
          line += 1
          verifier.add({ file, line, text })
        }
    }
    return verifier.finish(head, fragment)
  }
}

/** The last lines that together are no longer than that. */
function newestWithin(lines: readonly string[], bytes: number): readonly string[] {
  let length = 0
  const tooFar = lines.findLastIndex((text) => {
    length += text.length
    return length > bytes
  })
  return lines.slice(tooFar + 1)
}

/** True for a whole line of the chain. */
function isShowable({ text, isEnded }: ReadLine): boolean {
  return isEnded && linkOf(text) !== undefined
}

/** A file is over when the next one begins; its lines are no younger. */
function endsBefore(next: LogEntry | undefined, since: number | undefined): boolean {
  return next !== undefined && since !== undefined && next.name.day < dayOf(since)
}
