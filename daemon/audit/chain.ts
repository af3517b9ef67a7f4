import { createHash, createHmac, hash, type KeyObject } from 'node:crypto'
import type { LineMac } from './line-mac.ts'

/** Where a chain stands: the last line, by its number and its SHA-256. */
export interface Head {
  /** Lines since the chain began; 0 before the first. */
  readonly seq: number
  /** Of the whole line, its end included; 64 hexadecimal digits. */
  readonly hash: string
}

/** What ties a line to the one before. */
export interface Link {
  readonly seq: number
  /** {@link Head.hash} of the line before. */
  readonly prev: string
  /** 128 bits of an HMAC-SHA256 of everything before the member itself. */
  readonly mac: string
  /** What the mac is of. */
  readonly body: string
}

/** Before the first line. */
export const BEGINNING: Head = { seq: 0, hash: '0'.repeat(64) }

/** Half of a SHA-256: nobody guesses 128 bits, and lines stay short. */
const MAC_DIGITS = 32

/** `,"seq":…,"prev":"…","mac":"…"}` with a number of 16 digits. */
const LONGEST_LINK = 144

/** Only at the end of a line: inside of a text there is no quote without a backslash. */
const LINK = /,"seq":([1-9]\d{0,15}),"prev":"([0-9a-f]{64})","mac":"([0-9a-f]{32})"\}$/

/**
 * Makes a line of the chain.
 *
 * @param text A JSON object that is not empty, and a line end; ASCII.
 */
export function chainLine(
  text: string,
  after: Head,
  mac: Pick<LineMac, 'of'>,
): { readonly line: string; readonly head: Head } {
  const seq = after.seq + 1
  const body = `${text.slice(0, -2)},"seq":${seq},"prev":"${after.hash}"`
  const line = `${body},"mac":"${mac.of(body)}"}\n`
  return { line, head: { seq, hash: hash('sha256', line, 'hex') } }
}

/**
 * Takes a line apart.
 *
 * @param line Without its end, each byte one character.
 * @returns undefined when it is none of a chain
 */
export function linkOf(line: string): Link | undefined {
  const found = LINK.exec(line.slice(-LONGEST_LINK))
  if (found === null) return undefined
  const [whole, seq, prev = '', mac = ''] = found
  const bodyLength = line.length - whole.length + whole.indexOf(',"mac":')
  return { seq: Number(seq), prev, mac, body: line.slice(0, bodyLength) }
}

/** @param line With its end, each byte one character. */
export function hashOf(line: string): string {
  return createHash('sha256').update(line, 'latin1').digest('hex')
}

/** True when a line was written with this key. */
export function isMadeWith(macKey: KeyObject, { body, mac }: Link): boolean {
  return macOf(body, macKey) === mac
}

/** True when one line stands right behind the other. */
export function follows({ seq, prev }: Pick<Link, 'seq' | 'prev'>, head: Head): boolean {
  return seq === head.seq + 1 && prev === head.hash
}

function macOf(body: string, macKey: KeyObject): string {
  return createHmac('sha256', macKey).update(body, 'latin1').digest('hex').slice(0, MAC_DIGITS)
}
