/** One line of an Assuan server. */
export type AssuanReply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'err'; readonly code: number }
  /** Decoded; each character is a byte. */
  | { readonly kind: 'data'; readonly bytes: string }
  /** A status, a comment or an end of data: nothing we would have to answer. */
  | { readonly kind: 'aside' }
  /** What no server says to us; nothing after it is read. */
  | { readonly kind: 'broken'; readonly why: string }

/** Bytes of a line without its end. @see Assuan, "Implementation": lines are limited to 1000 bytes */
export const MAX_ASSUAN_LINE = 1_000

const NEWLINE = 0x0a

/**
 * Cuts what a program writes into lines and reads them. Nothing of it is trusted: a line
 * that is too long or makes no sense ends the reading.
 */
export class AssuanReplies {
  #rest = Buffer.alloc(0)
  #isBroken = false

  /** True when a line has begun and not ended. */
  get isWithinLine(): boolean {
    return this.#rest.length > 0
  }

  /** The replies that these bytes complete. */
  read(chunk: Uint8Array): readonly AssuanReply[] {
    const replies: AssuanReply[] = []
    let rest = Buffer.concat([this.#rest, chunk])
    while (!this.#isBroken) {
      const end = rest.indexOf(NEWLINE)
      if ((end < 0 ? rest.length : end) > MAX_ASSUAN_LINE) {
        replies.push(this.#broken('a line is too long'))
        break
      }
      if (end < 0) break
      const reply = parseReply(rest.toString('latin1', 0, end).replace(/\r$/, ''))
      replies.push(reply.kind === 'broken' ? this.#broken(reply.why) : reply)
      rest = rest.subarray(end + 1)
    }
    this.#rest = this.#isBroken ? Buffer.alloc(0) : Buffer.from(rest)
    return replies
  }

  #broken(why: string): AssuanReply {
    this.#isBroken = true
    return { kind: 'broken', why }
  }
}

/** Reads one line without its end; each character is a byte. */
export function parseReply(line: string): AssuanReply {
  if (/^OK(?: |$)/.test(line)) return { kind: 'ok' }
  const [, code] = /^ERR (\d{1,10})(?: |$)/.exec(line) ?? []
  if (code !== undefined) return { kind: 'err', code: Number(code) }
  if (line.startsWith('D ')) return decoded(line.slice(2))
  if (/^(?:S |#)/.test(line) || line === 'END') return { kind: 'aside' }
  return { kind: 'broken', why: 'it says what no pinentry says' }
}

function decoded(text: string): AssuanReply {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return { kind: 'broken', why: 'a percent escape is broken' }
  const bytes = text.replace(/%(..)/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return { kind: 'data', bytes }
}
