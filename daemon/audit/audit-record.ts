import { isoTime } from '../base/iso-time.ts'
import type { Ancestor, Peer } from '../peer/peer.ts'
import { asciiJson, asciiString, member, textMember } from './ascii-json.ts'
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
  const { peer, wouldDeny, request } = entry
  const fact = (name: string, text: string | undefined): string =>
    textMember(name, text && bound(text, maxText))
  let line = `{"time":"${isoTime(at)}"${textMember('event', entry.event)}`
  if (peer !== undefined) line += `,"peer":${formatPeer(peer, entry.ancestors, maxText)}`
  line += fact('capability', entry.capability)
  line += fact('grant', entry.grant)
  line += fact('grant_id', entry.grantId)
  line += fact('issuer', entry.issuer)
  line += fact('scope', entry.scope?.join(' '))
  line += fact('audience', entry.audience)
  line += fact('token', entry.token)
  line += member('expires_in', entry.expiresInSeconds)
  line += member('generation', entry.generation)
  line += fact('rule', entry.rule)
  if (wouldDeny !== undefined)
    line += member('would_deny', {
      rule: bound(wouldDeny.rule, maxText),
      reason: bound(wouldDeny.reason, maxText),
    })
  line += fact('lifted', entry.lifted?.join(', '))
  line += textMember('system_policy', entry.systemPolicy)
  line += textMember('user_policy', entry.userPolicy)
  line += member('verified', entry.verified)
  line += fact('provider', entry.provider)
  line += fact('key_id', entry.keyId)
  line += member('records', entry.records)
  line += fact('reason', entry.reason)
  line += member('audit', entry.audit)
  if (request !== undefined) line += `,"request":${formatRequest(request, maxRequestText)}`
  return `${line}}\n`
}

/** Peers of which nothing was left out, as they stand in a line: a connection has one for all its requests. */
const known = new WeakMap<Peer, string>()

function formatPeer(peer: Peer, ancestors: AuditEntry['ancestors'], maxText: number): string {
  const isWhole = ancestors === undefined && maxText === MAX_TEXT
  const found = isWhole ? known.get(peer) : undefined
  if (found !== undefined) return found
  const { uid, pid, executable, unit } = peer
  const text = asciiJson({
    uid,
    pid,
    executable: executable && bound(executable, maxText),
    unit: unit && bound(unit, maxText),
    class: peer.class,
    ancestors: ancestors?.map((one) => ({
      pid: one.pid,
      executable: one.executable && bound(one.executable, Math.min(maxText, MAX_REQUEST_TEXT)),
    })),
  })
  if (isWhole) known.set(peer, text)
  return text
}

function formatRequest(request: NonNullable<AuditEntry['request']>, max: number): string {
  const members = Object.entries(request).slice(0, MAX_REQUEST_MEMBERS)
  // names that are cut may become one
  if (members.some(([name]) => name.length > max)) return asciiJson(boundRequest(members, max))
  let text = ''
  for (const [name, value] of members) {
    if (value === undefined) continue
    const bounded = typeof value === 'string' ? asciiString(bound(value, max)) : asciiJson(value)
    text += `${text === '' ? '' : ','}${asciiString(name)}:${bounded}`
  }
  return `{${text}}`
}

function boundRequest(
  members: readonly (readonly [string, string | number | undefined])[],
  max: number,
): object {
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
