/** Which lines somebody wants to see; what is absent leaves all. */
export interface AuditFilter {
  readonly grant?: string
  /** Absolute path, or its last part. */
  readonly executable?: string
  /** A whole name, or what stands before its dot. */
  readonly event?: string
  /** Milliseconds since the epoch, included. */
  readonly since?: number
  /** Milliseconds since the epoch, not included. */
  readonly until?: number
}

/** What is looked at in a line. */
interface LookedAt {
  readonly time?: unknown
  readonly event?: unknown
  readonly grant?: unknown
  readonly peer?: { readonly executable?: unknown }
}

/** All a line of ours may hold. */
const PRINTABLE = /^[\x20-\x7e]+$/

/** What every line begins with. */
const TIME = /^\{"time":"(\d{4}-\d{2}-\d{2}T[\d:.]{8,12}Z)","event":"([a-z_.]{1,64})"/

/**
 * Whether a line is wanted. A line that nobody of ours can have written is not: who wants to
 * know of those verifies the log.
 */
export function isWanted(text: string, filter: AuditFilter): boolean {
  const { grant, executable, event, since, until } = filter
  const [, time = '', named = ''] = TIME.exec(text) ?? []
  if (time === '' || !PRINTABLE.test(text)) return false
  const at = Date.parse(time)
  if (since !== undefined && at < since) return false
  if (until !== undefined && at >= until) return false
  if (event !== undefined && named !== event && !named.startsWith(`${event}.`)) return false
  if (grant === undefined && executable === undefined) return true
  const line = parsed(text)
  if (grant !== undefined && line?.grant !== grant) return false
  return executable === undefined || isExecutable(line?.peer?.executable, executable)
}

function isExecutable(path: unknown, wanted: string): boolean {
  if (typeof path !== 'string') return false
  return path === wanted || (!wanted.includes('/') && path.endsWith(`/${wanted}`))
}

function parsed(text: string): LookedAt | undefined {
  try {
    return JSON.parse(text) as LookedAt
  } catch {
    return undefined // somebody wrote to the file
  }
}
