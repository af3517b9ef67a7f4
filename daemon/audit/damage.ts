import { follows, type Head, type Link } from './chain.ts'

/** A line as it was read. */
export interface SeenLine {
  readonly file: string
  /** From 1, within its file. */
  readonly line: number
  /** Absent when it is no line of a chain. */
  readonly link: Pick<Link, 'seq' | 'prev'> | undefined
  /** Of the line as it is. */
  readonly hash: string
}

/** What happened to a line. */
export interface Damage {
  readonly kind: 'changed' | 'removed' | 'inserted' | 'reordered'
  /** Of what was removed, the place where it would stand. */
  readonly file: string
  readonly line: number
  /** Numbers of lines that are meant, first and last; absent for what never had one. */
  readonly seq?: readonly [first: number, last: number]
}

/** Lines of a log among which something is wrong, and what stands around them for certain. */
export interface Region {
  /** The line before the first. */
  readonly before: Head
  /** In the order in which they stand. */
  readonly lines: readonly SeenLine[]
  /** What the line after the last says; absent when the last line itself is certain. */
  readonly after?: Pick<Link, 'seq' | 'prev'>
}

type Linked = SeenLine & { readonly link: Pick<Link, 'seq' | 'prev'> }

/**
 * Says what happened to the lines of a region. A line is certain when another one names its
 * hash; what is not certain was changed if its number is missing otherwise, and inserted if
 * not; numbers that nobody has were removed, and lines that stand behind later ones moved.
 */
export function judgeRegion(region: Region): readonly Damage[] {
  const { lines, after } = region
  const last = lines.at(-1)
  const top = after === undefined ? (last?.link?.seq ?? region.before.seq) : after.seq - 1
  const kept = certainLines(region, top)
  const changed: SeenLine[] = []
  const inserted: SeenLine[] = []
  const doubtful = lines.filter((line) => !kept.has(line.link?.seq ?? 0) || !isAmong(kept, line))
  const places = new Map<SeenLine, number>()
  for (const line of doubtful) {
    const place = placeOf(line, region, kept, places, top)
    if (place === undefined) inserted.push(line)
    else {
      places.set(line, place)
      if (!isInnocent(line, place, region, kept, doubtful)) changed.push(line)
    }
  }
  const standing = lines.flatMap((line) => {
    const seq = isAmong(kept, line) ? line.link?.seq : places.get(line)
    return seq === undefined ? [] : [{ line, seq }]
  })
  return [
    ...changed.map((line) => damageAt('changed', line, places.get(line))),
    ...inserted.map((line) => damageAt('inserted', line, line.link?.seq)),
    ...removed(standing, region.before.seq, top, last),
    ...reordered(standing),
  ]
}

/** Lines whose hash another line names, by their number. */
function certainLines({ lines, before, after }: Region, top: number): Map<number, Linked> {
  const named = new Set<string>()
  for (const { link } of lines) if (link !== undefined) named.add(`${link.seq} ${link.prev}`)
  if (after !== undefined) named.add(`${after.seq} ${after.prev}`)
  const certain = new Map<number, Linked>()
  for (const line of lines) {
    if (!isLinked(line)) continue
    const { seq } = line.link
    const isLast = after === undefined && line === lines.at(-1)
    const isNamed = isLast || named.has(`${seq + 1} ${line.hash}`)
    if (isNamed && seq > before.seq && seq <= top && !certain.has(seq)) certain.set(seq, line)
  }
  return certain
}

function isLinked(line: SeenLine): line is Linked {
  return line.link !== undefined
}

function isAmong(kept: ReadonlyMap<number, SeenLine>, line: SeenLine): boolean {
  return line.link !== undefined && kept.get(line.link.seq) === line
}

/** The number a doubtful line had, if a number is missing where it stands. */
function placeOf(
  line: SeenLine,
  { lines, before, after }: Region,
  kept: ReadonlyMap<number, Linked>,
  places: ReadonlyMap<SeenLine, number>,
  top: number,
): number | undefined {
  const taken = new Set(places.values())
  const isFree = (seq: number): boolean =>
    seq > before.seq && seq <= top && !kept.has(seq) && !taken.has(seq)
  if (line.link !== undefined && isFree(line.link.seq)) return line.link.seq
  const at = lines.indexOf(line)
  const seqOf = (other: SeenLine): number | undefined =>
    isAmong(kept, other) ? other.link?.seq : places.get(other)
  const above = lines.slice(0, at).findLast((other) => seqOf(other) !== undefined)
  const below = lines.slice(at + 1).find((other) => seqOf(other) !== undefined)
  const low = (above === undefined ? undefined : seqOf(above)) ?? before.seq
  const high = (below === undefined ? undefined : seqOf(below)) ?? after?.seq ?? top + 1
  // a line of another place has a number and a line before it of its own
  const isElsewhere = line.link !== undefined && line.link.prev !== (above ?? before).hash
  return high > low + 1 && isFree(low + 1) && !isElsewhere ? low + 1 : undefined
}

/** The line after it is to blame, or gone: as far as anybody can tell this one is as it was. */
function isInnocent(
  line: SeenLine,
  place: number,
  { before, after, lines }: Region,
  kept: ReadonlyMap<number, Linked>,
  doubtful: readonly SeenLine[],
): boolean {
  if (line.link?.seq !== place) return false
  const isWitnessed = kept.has(place + 1) || after?.seq === place + 1
  if (isWitnessed) return false
  const above = place - 1 === before.seq ? before.hash : kept.get(place - 1)?.hash
  const doubtfulAbove = [...doubtful, ...lines].find(({ link }) => link?.seq === place - 1)
  return follows(line.link, { seq: place - 1, hash: above ?? doubtfulAbove?.hash ?? '' })
}

interface Standing {
  readonly line: SeenLine
  readonly seq: number
}

function removed(
  standing: readonly Standing[],
  from: number,
  top: number,
  last: SeenLine | undefined,
): readonly Damage[] {
  const found: Damage[] = []
  const seqs = [...new Set(standing.map(({ seq }) => seq)), top + 1].sort((a, b) => a - b)
  let expected = from + 1
  for (const seq of seqs) {
    if (seq > expected) {
      const behind = standing.find((other) => other.seq >= seq)?.line
      const place = behind ?? { file: last?.file ?? '', line: (last?.line ?? 0) + 1 }
      found.push({
        kind: 'removed',
        file: place.file,
        line: place.line,
        seq: [expected, seq - 1],
      })
    }
    expected = Math.max(expected, seq + 1)
  }
  return found
}

function reordered(standing: readonly Standing[]): readonly Damage[] {
  let highest = 0
  return standing.flatMap(({ line, seq }) => {
    const isLate = seq < highest
    highest = Math.max(highest, seq)
    return isLate ? [damageAt('reordered', line, seq)] : []
  })
}

function damageAt(kind: Damage['kind'], { file, line }: SeenLine, seq?: number): Damage {
  return { kind, file, line, ...(seq !== undefined && { seq: [seq, seq] as const }) }
}
