import type { Ancestor, Peer } from '../peer/peer.ts'
import type { AuditEvent } from './audit-event.ts'

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
  const line = formatWithin(entry, at, MAX_TEXT, MAX_REQUEST_TEXT)
  if (line.length <= MAX_LINE_BYTES) return line
  return formatWithin(entry, at, MAX_CROWDED_TEXT, MAX_CROWDED_TEXT)
}

function formatWithin(
  entry: AuditEntry,
  at: number,
  maxText: number,
  maxRequestText: number,
): string {
  const { peer, request } = entry
  const fact = (text: string | undefined) => text && bound(text, maxText)
  const line = JSON.stringify({
    time: new Date(at).toISOString(),
    event: entry.event,
    ...(peer && {
      peer: {
        uid: peer.uid,
        pid: peer.pid,
        executable: fact(peer.executable),
        unit: fact(peer.unit),
        class: peer.class,
        ancestors: entry.ancestors?.map(({ pid, executable }) => ({
          pid,
          executable: executable && bound(executable, maxRequestText),
        })),
      },
    }),
    capability: fact(entry.capability),
    grant: fact(entry.grant),
    grant_id: fact(entry.grantId),
    issuer: fact(entry.issuer),
    scope: fact(entry.scope?.join(' ')),
    audience: fact(entry.audience),
    token: fact(entry.token),
    expires_in: entry.expiresInSeconds,
    generation: entry.generation,
    rule: fact(entry.rule),
    ...(entry.wouldDeny && {
      would_deny: { rule: fact(entry.wouldDeny.rule), reason: fact(entry.wouldDeny.reason) },
    }),
    lifted: fact(entry.lifted?.join(', ')),
    system_policy: entry.systemPolicy,
    user_policy: entry.userPolicy,
    verified: entry.verified,
    provider: fact(entry.provider),
    key_id: fact(entry.keyId),
    records: entry.records,
    reason: fact(entry.reason),
    audit: entry.audit,
    request: request && boundRequest(request, maxRequestText),
  })
  return `${line.replace(/[\u007f-\uffff]/g, escaped)}\n`
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

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
