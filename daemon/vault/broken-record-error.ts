/** A record on disk that cannot be opened: says which file and why, never what is in it. */
export class BrokenRecordError extends Error {
  override readonly name = 'BrokenRecordError'
  /** Name of the file within the directory of records. */
  readonly file: string
  /** Lower case, a few words, such as `sealed on another machine`. */
  readonly reason: string
  /** True when nobody has seen its bytes: it may be whole. */
  readonly isUnread: boolean

  constructor(file: string, reason: string, isUnread = false) {
    super(`record "${file}": ${reason}`)
    this.file = file
    this.reason = reason
    this.isUnread = isUnread
  }
}

/** A record on disk that could not be opened and was left as it is. */
export interface BrokenRecord {
  readonly file: string
  readonly reason: string
  /** Only there when nobody has seen its bytes: it may be whole. */
  readonly isUnread?: true
}

/** What `read` gives, or `broken` when the bytes are at fault; any other error is thrown again. */
export function unlessBroken<T, B>(read: () => T, broken: B): T | B {
  try {
    return read()
  } catch (error) {
    if (error instanceof BrokenRecordError) return broken
    throw error
  }
}

/** What the error says about its record; any other error is thrown again. */
export function brokenRecord(error: unknown): BrokenRecord {
  if (!(error instanceof BrokenRecordError)) throw error
  const { file, reason, isUnread } = error
  return isUnread ? { file, reason, isUnread } : { file, reason }
}
