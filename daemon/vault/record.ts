import { isUtf8 } from 'node:buffer'
import { Secret } from '../base/secret.ts'
import { stillBytes } from '../base/still-bytes.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import { BrokenRecordError } from './broken-record-error.ts'
import { isGrant } from './grant-shape.ts'
import { recordFile } from './record-name.ts'

/** Raised whenever an older daemon could not read what this one writes. */
const FORMAT = 1

/** The secrets of a record, in the order of their tags, from 1 on. Never renumbered. */
const SECTIONS = [
  'refreshToken',
  'previousRefreshToken',
  'clientSecret',
  'dpopKey',
  'accessTokens',
  'registrationToken',
] as const

const LENGTH_BYTES = 4
const SECTION_HEAD_BYTES = 1 + LENGTH_BYTES

/**
 * A record as bytes: `u32 length | JSON {format, grant} | (u8 tag | u32 length |
 * bytes)*`, big endian. Secrets are copied from bytes to bytes, never through a
 * string that could not be wiped.
 *
 * @returns Clear text: seal it, then wipe it.
 * @throws TypeError when the grant is not what {@link decodeRecord} would accept
 */
export function encodeRecord(record: GrantRecord): Buffer {
  if (!isGrant(record.grant)) throw new TypeError('a grant has a member that no record can keep')
  const head = Buffer.from(JSON.stringify({ format: FORMAT, grant: record.grant }))
  const secrets = SECTIONS.map((name) => record[name]?.revealBytes())
  const sizes = secrets.map((bytes) => (bytes ? SECTION_HEAD_BYTES + bytes.length : 0))
  const size = sizes.reduce((sum, each) => sum + each, LENGTH_BYTES + head.length)

  const all = Buffer.alloc(size)
  let at = all.writeUInt32BE(head.length, 0)
  at += head.copy(all, at)
  for (const [index, bytes] of secrets.entries()) {
    if (bytes === undefined) continue
    at = all.writeUInt8(index + 1, at)
    at = all.writeUInt32BE(bytes.length, at)
    at += bytes.copy(all, at)
  }
  return all
}

/**
 * Reads what {@link encodeRecord} wrote, and nothing that differs from it.
 *
 * @param id The grant whose record it has to be.
 * @param bytes Clear text; the caller wipes it, nothing of it is kept.
 * @throws BrokenRecordError
 */
export function decodeRecord(id: string, bytes: Buffer): GrantRecord {
  const broken = (reason: string): BrokenRecordError =>
    new BrokenRecordError(recordFile(id), reason)
  if (bytes.length < LENGTH_BYTES) throw broken('it is cut short')
  const headEnd = LENGTH_BYTES + bytes.readUInt32BE(0)
  if (headEnd > bytes.length) throw broken('it is cut short')

  const head = parseHead(bytes.subarray(LENGTH_BYTES, headEnd))
  if (head === undefined) throw broken('its head is not JSON')
  if (head.format !== FORMAT) throw broken('it was written by another version')
  const { grant } = head
  if (!isGrant(grant)) throw broken('its grant is malformed')
  if (grant.id !== id) throw broken('it is about another grant')

  const sections = splitSections(bytes.subarray(headEnd))
  if (sections === undefined) throw broken('its secrets are malformed')
  const secrets = sections.map(([name, secret]) => [name, Secret.take(copied(secret))] as const)
  return { grant, ...Object.fromEntries(secrets) }
}

function parseHead(bytes: Buffer): { format?: unknown; grant?: unknown } | undefined {
  try {
    if (!isUtf8(bytes)) return undefined
    const head: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof head === 'object' && head !== null ? head : undefined
  } catch {
    // Its message would quote the record.
    return undefined
  }
}

type Section = readonly [name: (typeof SECTIONS)[number], bytes: Buffer]

/** Sections in ascending order of their tags, to the last byte; undefined for anything else. */
function splitSections(bytes: Buffer): readonly Section[] | undefined {
  const sections: Section[] = []
  let lastTag = 0
  for (let at = 0; at < bytes.length; ) {
    if (at + SECTION_HEAD_BYTES > bytes.length) return undefined
    const tag = bytes.readUInt8(at)
    const name = SECTIONS[tag - 1]
    const start = at + SECTION_HEAD_BYTES
    const end = start + bytes.readUInt32BE(at + 1)
    if (name === undefined || tag <= lastTag || end > bytes.length) return undefined
    sections.push([name, bytes.subarray(start, end)])
    lastTag = tag
    at = end
  }
  return sections
}

/** Outside Node's shared pool, so that wiping the secret wipes all there is of it. */
function copied(bytes: Buffer): Buffer {
  const copy = stillBytes(bytes.length)
  bytes.copy(copy)
  return copy
}
