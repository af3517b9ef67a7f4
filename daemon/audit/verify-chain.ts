import { BEGINNING, follows, type Head, hashOf, type Link, linkOf } from './chain.ts'
import { type Damage, judgeRegion, type SeenLine } from './damage.ts'
import type { Finding, RawLine } from './finding.ts'
import { SealCheck } from './seal-check.ts'
import { UntoldLines } from './untold-lines.ts'

/** A line that was cut short, and is known to have been. */
export interface TornLine {
  readonly file: string
  readonly line: number
}

/** What a whole log was found to be. */
export interface Verdict {
  /** Lines of the chain that were read. */
  readonly lines: number
  readonly first: number | undefined
  readonly head: Head
  /** Everything up to this line is signed. */
  readonly sealed: number
  readonly torn: readonly TornLine[]
  readonly findings: readonly Finding[]
  /** More than `findings` may list. */
  readonly findingCount: number
  /** Absent when none was given. */
  readonly anchor?: AnchorState
}

/** What became of a line that somebody noted elsewhere. */
export type AnchorState = 'matches' | 'differs' | 'pruned' | 'absent'

/** What is known of a log beside its files. */
export interface KnownOfLog {
  /** A head that somebody noted. */
  readonly anchor: Head | undefined
  /** Whether the daemon wrote a line; undefined where only a seal can say. */
  readonly isOurs: (link: Link) => boolean | undefined
}

/** Who has more wrong lines knows enough. */
const MAX_FINDINGS = 100

/** More lines than this without two that belong together: what follows is judged by itself. */
const MAX_REGION = 200

/** Lines that may have changed places; each is compared with all the others. */
const MAX_MOVED = 1_000

type Line = SeenLine & Pick<RawLine, 'text'> & { readonly link: Link | undefined }

/** Follows a chain line by line, the oldest first. */
export class ChainVerifier {
  readonly #known: KnownOfLog
  readonly #seals: SealCheck
  readonly #torn: TornLine[] = []
  readonly #findings: Finding[] = []
  readonly #moved: Damage[] = []
  #findingCount = 0
  #lines = 0
  #first: Head | undefined
  #anchorSeen: string | undefined
  /** The line before `#current`. */
  #before: Head = BEGINNING
  /** Stands where it should; whether it is as it was the next one will say. */
  #current: Line | undefined
  #region: Line[] | undefined
  readonly #untold = new UntoldLines<Line>()

  constructor(known: KnownOfLog) {
    this.#known = known
    this.#seals = new SealCheck((finding) => this.#add(finding))
  }

  /** Looks at the next line. */
  add(raw: RawLine): void {
    const link = linkOf(raw.text)
    const line = { ...raw, link, hash: hashOf(`${raw.text}\n`) }
    if (link === undefined && this.#region === undefined) {
      this.#untold.add(line)
      if (this.#untold.isTooMuch) this.#placeUntold()
      return
    }
    if (link !== undefined && this.#isNext(link) && this.#untold.areToldBy(line.text))
      this.#torn.push(...this.#untold.take().map(placeOf))
    this.#placeUntold()
    this.#place(line)
  }

  /**
   * @param head Where the daemon itself says the chain stands.
   * @param fragment What it knows to be cut short behind that, and the next line will tell of.
   */
  finish(head: Head, fragment?: string): Verdict {
    if (!this.#untold.are(fragment)) this.#placeUntold()
    const after = { seq: head.seq + 1, prev: head.hash }
    const current = this.#current
    if (this.#region !== undefined) this.#judge(this.#region, after)
    else if (current === undefined) {
      if (head.seq > 0) this.#tell({ kind: 'removed', file: '', line: 1, seq: [1, head.seq] })
    } else if (follows(after, headOf(current))) this.#certain(current)
    else this.#judge([current], after)
    this.#judgeStart()
    this.#tellMoved()
    const { anchor } = this.#known
    return {
      lines: this.#lines,
      first: this.#first === undefined ? undefined : this.#first.seq + 1,
      head,
      sealed: this.#seals.sealed,
      torn: this.#torn,
      findings: this.#findings,
      findingCount: this.#findingCount,
      ...(anchor && { anchor: this.#anchorState(anchor) }),
    }
  }

  #place(line: Line): void {
    this.#lines += 1
    if (this.#region !== undefined) {
      this.#extend(this.#region, line)
      return
    }
    if (this.#first === undefined) {
      this.#before = startOf(line)
      this.#first = this.#before
    }
    const current = this.#current
    const above = current === undefined ? this.#before : headOf(current)
    if (line.link !== undefined && follows(line.link, above)) {
      if (current !== undefined) this.#certain(current)
      this.#before = above
      this.#current = line
    } else this.#region = current === undefined ? [line] : [current, line]
  }

  #extend(region: Line[], line: Line): void {
    const above = region.at(-1)
    region.push(line)
    const isWhole =
      above !== undefined && line.link !== undefined && follows(line.link, headOf(above))
    if (!isWhole && region.length < MAX_REGION) return
    this.#judge(region)
    this.#region = undefined
    this.#before = above === undefined ? BEGINNING : headOf(above)
    this.#current = line
  }

  #judge(lines: readonly Line[], after?: Pick<Link, 'seq' | 'prev'>): void {
    if (this.#before === this.#first) {
      // the first line that was read need not be the first of the chain
      this.#before = lines.map(startOf).reduce((one, other) => (other.seq < one.seq ? other : one))
      this.#first = this.#before
    }
    const found = judgeRegion({ before: this.#before, lines, ...(after && { after }) })
    for (const damage of found) this.#weigh(damage)
    const isBad = (line: Line): boolean =>
      found.some(
        ({ kind, file, line: at }) => kind !== 'removed' && file === line.file && at === line.line,
      )
    for (const line of lines)
      if (!isBad(line) && (after !== undefined || line !== lines.at(-1))) this.#certain(line)
  }

  /** A line that is as it was written, or as whoever had the keys wrote it. */
  #certain(line: Line): void {
    if (line.link === undefined) return
    const { anchor, isOurs } = this.#known
    if (line.link.seq === anchor?.seq) this.#anchorSeen = line.hash
    if (isOurs(line.link) === false)
      this.#add({ ...placeOf(line), kind: 'forged', detail: 'not written by this daemon' })
    this.#seals.add(line, line.link)
  }

  #placeUntold(): void {
    for (const line of this.#untold.take()) this.#place(line)
  }

  /** True for what stands behind the last line that can be read. */
  #isNext(link: Link): boolean {
    return follows(link, this.#current === undefined ? this.#before : headOf(this.#current))
  }

  #judgeStart(): void {
    const first = this.#first
    if (first === undefined || first.seq === 0 || this.#seals.isPruned(first)) return
    this.#weigh({ kind: 'removed', file: '', line: 1, seq: [1, first.seq] })
  }

  /** A line that is missing in one place may turn up in another. */
  #weigh(damage: Damage): void {
    const isSingle = damage.seq !== undefined && damage.seq[0] === damage.seq[1]
    const mayMove = damage.kind === 'removed' || damage.kind === 'inserted'
    if (isSingle && mayMove && this.#moved.length < MAX_MOVED) this.#moved.push(damage)
    else this.#tell(damage)
  }

  #tellMoved(): void {
    for (const damage of this.#moved) {
      const pair = this.#moved.find((other) => isPair(damage, other))
      if (pair === undefined) this.#tell(damage)
      else if (damage.kind === 'inserted') this.#tell({ ...damage, kind: 'reordered' })
    }
  }

  #anchorState({ seq, hash }: Head): AnchorState {
    if (this.#anchorSeen !== undefined) return this.#anchorSeen === hash ? 'matches' : 'differs'
    const first = this.#first
    if (first === undefined || seq > first.seq) return 'absent'
    if (seq === first.seq) return first.hash === hash ? 'matches' : 'differs'
    return 'pruned'
  }

  #tell({ kind, file, line, seq }: Damage): void {
    this.#add({ kind, file, line, detail: detailOf(kind, seq) })
  }

  #add(finding: Finding): void {
    this.#findingCount += 1
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding)
  }
}

/** The same number, missing in one place and standing in another. */
function isPair(one: Damage, other: Damage): boolean {
  return one.kind !== other.kind && one.seq?.[0] === other.seq?.[0]
}

function headOf({ link, hash }: Line): Head {
  return { seq: link?.seq ?? 0, hash }
}

function placeOf({ file, line }: Line): TornLine {
  return { file, line }
}

/** What stands before the first line that is there: a log whose oldest files went begins later. */
function startOf({ link }: Line): Head {
  if (link === undefined || link.seq === 1 || link.prev === BEGINNING.hash) return BEGINNING
  return { seq: link.seq - 1, hash: link.prev }
}

function detailOf(kind: Damage['kind'], seq: Damage['seq']): string {
  if (seq === undefined) return `a line was ${kind}`
  const [first, last] = seq
  if (first === last) return `line number ${first} was ${kind}`
  return `${last - first + 1} lines, numbers ${first} to ${last}, were ${kind}`
}
