import type { Head, Link } from './chain.ts'
import { isSealOf } from './chain-key.ts'
import type { Finding, RawLine } from './finding.ts'

/** Lines about the log itself; all others are not looked into. */
const ABOUT_THE_LOG = /^\{"time":"[^"]{20,32}","event":"(audit\.[a-z]+)"/

/** Follows the keys of a log from seal to seal. */
export class SealCheck {
  readonly #tell: (finding: Finding) => void
  readonly #pruned = new Set<string>()
  /** Who may sign the next seal. */
  #signers: readonly string[] | undefined
  #sealed = 0

  constructor(tell: (finding: Finding) => void) {
    this.#tell = tell
  }

  /** Everything up to this line is signed. */
  get sealed(): number {
    return this.#sealed
  }

  /** True when a line says that the log was cut there, to make room. */
  isPruned({ seq, hash }: Head): boolean {
    return this.#pruned.has(`${seq} ${hash}`)
  }

  /** Looks at a line that stands where it should. */
  add({ file, line, text }: RawLine, link: Link): void {
    const event = ABOUT_THE_LOG.exec(text)?.[1]
    if (event === undefined) return
    const { audit = {}, reason = '' } = parsed(text)
    const tell = (kind: Finding['kind'], detail: string): void =>
      this.#tell({ kind, file, line, detail })
    if (event === 'audit.pruned') this.#pruned.add([audit['seq'], audit['head']].join(' '))
    if (event === 'audit.damaged') tell('damaged', `the daemon found: ${reason}`)
    if (event === 'audit.started') {
      if (link.seq > 1) tell('new_key', 'a new key begins here that nothing above vouches for')
      this.#signers = [String(audit['key'])]
    }
    if (event === 'audit.sealed') this.#seal(audit, link, tell)
  }

  #seal(
    audit: Readonly<Record<string, unknown>>,
    { seq, prev }: Link,
    tell: (kind: Finding['kind'], detail: string) => void,
  ): void {
    const signer = String(audit['signer'])
    const key = String(audit['key'])
    const before = { seq: seq - 1, hash: prev }
    if (!isSealOf(signer, before, key, String(audit['signature'])))
      tell('forged', 'the signature of this seal is not of the lines above it')
    else if (this.#signers !== undefined && !this.#signers.includes(signer))
      tell('new_key', 'this seal is signed with a key that nothing above vouches for')
    else this.#sealed = before.seq
    // a crash may have come between a seal and its key: the old one signs once more then
    this.#signers = [key, signer]
  }
}

interface Parsed {
  readonly audit?: Readonly<Record<string, unknown>>
  readonly reason?: string
}

function parsed(text: string): Parsed {
  try {
    return JSON.parse(text) as Parsed
  } catch {
    return {} // somebody changed it: that is told of the line itself
  }
}
