import { isoTime } from '../base/iso-time.ts'
import type { Ancestor, Peer } from '../peer/peer.ts'
import { member, textMember } from './ascii-json.ts'
import type { AuditEvent } from './audit-event.ts'
import { recentParts } from './recent-line.ts'

export type { AuditEvent }

/** One line of the log. Absent members were not known or do not apply. */
export interface AuditEntry {
  readonly event: AuditEvent
  readonly peer?: Peer
  /** Parents of the peer, the nearest first; read only where somebody will want to know. */
  readonly ancestors?: readonly Ancestor[]
  /** Name of the capability that was used or changed. */
  readonly capability?: string
  readonly grant?: string
  readonly grantId?: string
  readonly issuer?: string
  readonly scope?: readonly string[]
  readonly audience?: string | undefined
  /** First 8 bytes of the token's SHA-256 in hexadecimal. */
  readonly token?: string
  readonly expiresInSeconds?: number
  readonly generation?: number
  readonly rule?: string
  /** What a rule that is only tried out would have refused, and why. */
  readonly wouldDeny?: { readonly rule: string; readonly reason: string }
  /** Rules that are lifted by break-glass. */
  readonly lifted?: readonly string[]
  /** SHA-256 of a policy file as `sha256sum` prints it; absent where there is none. */
  readonly systemPolicy?: string
  readonly userPolicy?: string
  /** Whether the issuer itself called inactive what it had revoked. */
  readonly verified?: boolean
  /** Who keeps the sealing key. */
  readonly provider?: string
  /** Names a sealing key and opens nothing. */
  readonly keyId?: string
  /** How many records lie sealed. */
  readonly records?: number
  /** A code or a reason of ours, never text of an issuer. */
  readonly reason?: string
  /** What the log says about itself. */
  readonly audit?: Readonly<Record<string, string | number>>
  /** What the caller wrote, under one key of its own so that it can shadow nothing. */
  readonly request?: Readonly<Record<string, string | number | undefined>>
}

/** Tells what a caller meant; a longer text is there to fill the disk. */
const MAX_REQUEST_TEXT = 256

/** A scope or a path is never longer: what was granted, and to whom, is told whole. */
const MAX_TEXT = 4_096

/** Room for a long path, a long scope and a request; escapes can make six bytes of a character. */
const MAX_LINE_BYTES = 16_384

/** What is left of each text when the whole is too long: twelve facts, eight ancestors and a request fit then. */
const MAX_CROWDED_TEXT = 48

/** The wire knows seven. */
const MAX_REQUEST_MEMBERS = 12

/**
 * The line of one entry, newline included, at most 16 KiB. All ASCII: nothing in it
 * can draw on a terminal, and no reader sees a line end where we wrote none. A text
 * that is too long ends in `… (4096 characters)`, the length it had.
 *
 * @param at Milliseconds since the epoch.
 */
export function formatAuditEntry(entry: AuditEntry, at: number): string {
  const line = joined(recentParts(entry, usualParts), entry, at)
  if (line.length <= MAX_LINE_BYTES) return line
  return joined(formatParts(entry, MAX_CROWDED_TEXT, MAX_CROWDED_TEXT), entry, at)
}

/** A line without what changes from second to second. */
export interface LineParts {
  /** What stands between the time and the life of a token. */
  readonly before: string
  readonly after: string
}

function joined(
  { before, after }: LineParts,
  { expiresInSeconds }: AuditEntry,
  at: number,
): string {
  return `{"time":"${isoTime(at)}"${before}${member('expires_in', expiresInSeconds)}${after}}\n`
}

function usualParts(entry: AuditEntry): LineParts {
  return formatParts(entry, MAX_TEXT, MAX_REQUEST_TEXT)
}

function formatParts(entry: AuditEntry, maxText: number, maxRequestText: number): LineParts {
  const { peer, wouldDeny, request } = entry
  const fact = (name: string, text: string | undefined): string =>
    textMember(name, text && bound(text, maxText))
  let before = textMember('event', entry.event)
  if (peer !== undefined) before += member('peer', boundPeer(peer, entry, maxText, maxRequestText))
  before += fact('capability', entry.capability)
  before += fact('grant', entry.grant)
  before += fact('grant_id', entry.grantId)
  before += fact('issuer', entry.issuer)
  before += fact('scope', entry.scope?.join(' '))
  before += fact('audience', entry.audience)
  before += fact('token', entry.token)
  let after = member('generation', entry.generation)
  after += fact('rule', entry.rule)
  if (wouldDeny !== undefined)
    after += member('would_deny', {
      rule: bound(wouldDeny.rule, maxText),
      reason: bound(wouldDeny.reason, maxText),
    })
  after += fact('lifted', entry.lifted?.join(', '))
  after += textMember('system_policy', entry.systemPolicy)
  after += textMember('user_policy', entry.userPolicy)
  after += member('verified', entry.verified)
  after += fact('provider', entry.provider)
  after += fact('key_id', entry.keyId)
  after += member('records', entry.records)
  after += fact('reason', entry.reason)
  after += member('audit', entry.audit)
  after += member('request', request && boundRequest(request, maxRequestText))
  return { before, after }
}

function boundPeer(
  { uid, pid, executable, unit, class: ofClass }: Peer,
  { ancestors }: AuditEntry,
  maxText: number,
  maxAncestor: number,
): object {
  return {
    uid,
    pid,
    executable: executable && bound(executable, maxText),
    unit: unit && bound(unit, maxText),
    class: ofClass,
    ancestors: ancestors?.map((one) => ({
      pid: one.pid,
      executable: one.executable && bound(one.executable, maxAncestor),
    })),
  }
}

function boundRequest(request: NonNullable<AuditEntry['request']>, max: number): object {
  const members = Object.entries(request).slice(0, MAX_REQUEST_MEMBERS)
  return Object.fromEntries(
    members.map(([name, value]) => [
      bound(name, max),
      typeof value === 'string' ? bound(value, max) : value,
    ]),
  )
}

function bound(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`
}
