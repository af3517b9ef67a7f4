import { compareLogNames, formatLogName, type LogName, parseLogName } from './log-name.ts'

/** A place between two lines of a log. */
export interface AuditCursor {
  readonly name: LogName
  /** Bytes of its file before it. */
  readonly offset: number
}

const CURSOR = /^([0-9][0-9.-]{9,17})@(\d{1,15})$/

/** As a client gets it, to be sent back as it is. */
export function formatCursor({ name, offset }: AuditCursor): string {
  return `${formatLogName(name).replace(/\.jsonl$/, '')}@${offset}`
}

/** @returns undefined for what was no cursor of ours */
export function parseCursor(text: string): AuditCursor | undefined {
  const [, file, offset] = CURSOR.exec(text) ?? []
  const name = file === undefined ? undefined : parseLogName(`${file}.jsonl`)
  return name && { name, offset: Number(offset) }
}

/** Where to begin in a file; undefined when all of it lies before the cursor. */
export function offsetIn(
  file: { readonly name: LogName; readonly size: number },
  after: AuditCursor | undefined,
): number | undefined {
  if (after === undefined) return 0
  const order = compareLogNames(file.name, after.name)
  if (order < 0) return undefined
  // a file that went, or was emptied: what came after it is still there
  return order === 0 ? Math.min(after.offset, file.size) : 0
}
