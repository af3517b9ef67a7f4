import type { Peer } from '../peer/peer.ts'

/** What happened, in the words of the log. */
export type AuditEvent =
  | 'daemon.started'
  | 'token.issued'
  | 'token.denied'
  | 'grant.refresh_begun'
  | 'grant.refreshed'
  | 'grant.refresh_failed'
  | 'grant.revoked'
  | 'grant.revocation_failed'
  | 'grant.revocation_finished'
  | 'login.started'
  | 'login.answered'
  | 'login.completed'
  | 'login.failed'
  | 'login.cancelled'

/** One line of the log. Absent members were not known or do not apply. */
export interface AuditEntry {
  readonly event: AuditEvent
  readonly peer?: Peer
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
  /** A code or a reason of ours, never text of an issuer. */
  readonly reason?: string
  /** What the caller wrote, under one key of its own so that it can shadow nothing. */
  readonly request?: Readonly<Record<string, string | number | undefined>>
}

/**
 * The line of one entry, newline included. All ASCII: nothing in it can draw on a
 * terminal, and no reader sees a line end where we wrote none.
 *
 * @param at Milliseconds since the epoch.
 */
export function formatAuditEntry(entry: AuditEntry, at: number): string {
  const { peer } = entry
  const line = JSON.stringify({
    time: new Date(at).toISOString(),
    event: entry.event,
    ...(peer && {
      peer: { uid: peer.uid, pid: peer.pid, executable: peer.executable, class: peer.class },
    }),
    grant: entry.grant,
    grant_id: entry.grantId,
    issuer: entry.issuer,
    scope: entry.scope?.join(' '),
    audience: entry.audience,
    token: entry.token,
    expires_in: entry.expiresInSeconds,
    generation: entry.generation,
    rule: entry.rule,
    reason: entry.reason,
    request: entry.request,
  })
  return `${line.replace(/[\u007f-\uffff]/g, escaped)}\n`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
