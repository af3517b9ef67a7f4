import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { formatAuditEntry } from '../../../daemon/audit/audit-record.ts'
import { BEGINNING, chainLine, type Head, hashOf, isMadeWith } from '../../../daemon/audit/chain.ts'
import { LineMac } from '../../../daemon/audit/line-mac.ts'
import { ChainVerifier, type Verdict } from '../../../daemon/audit/verify-chain.ts'

const KEY = createSecretKey(Buffer.alloc(32, 7))

interface Chain {
  readonly lines: readonly string[]
  readonly head: Head
}

/** A chain of entries with these reasons, without line ends. */
function chainOf(reasons: readonly string[], start: Head = BEGINNING): Chain {
  let head = start
  const lines = reasons.map((reason, index) => {
    const entry = { event: 'login.failed', reason, request: { index } } as const
    const made = chainLine(formatAuditEntry(entry, index * 1_000), head, new LineMac(KEY))
    head = made.head
    return made.line.slice(0, -1)
  })
  return { lines, head }
}

function verify(lines: readonly string[], head: Head, anchor?: Head): Verdict {
  const verifier = new ChainVerifier({ anchor, isOurs: (link) => isMadeWith(KEY, link) })
  for (const [index, text] of lines.entries()) verifier.add({ file: 'f', line: index + 1, text })
  return verifier.finish(head)
}

const kinds = ({ findings }: Verdict): string[] =>
  findings.map(({ kind, line }) => `${kind} ${line}`)

const text = fc.string({ unit: 'binary', maxLength: 40 })
const reasons = fc.array(text, { minLength: 1, maxLength: 12 })

t.test('a whole chain verifies', async () => {
  fc.assert(
    fc.property(reasons, (texts) => {
      const { lines, head } = chainOf(texts)
      const verdict = verify(lines, head)
      return verdict.findingCount === 0 && verdict.lines === texts.length && verdict.first === 1
    }),
  )
})

t.test('any single bit that is flipped is found, and its line is named', async () => {
  fc.assert(
    fc.property(reasons, fc.nat(), fc.nat(), (texts, at, bit) => {
      const { lines, head } = chainOf(texts)
      const bytes = Buffer.from(`${lines.join('\n')}\n`, 'latin1')
      const position = at % bytes.length
      bytes[position] = (bytes[position] ?? 0) ^ (1 << (bit % 8))
      const line = bytes.subarray(0, position).filter((byte) => byte === 10).length + 1
      const flipped = bytes.toString('latin1').split('\n')
      if (flipped.at(-1) === '') flipped.pop()
      const named = verify(flipped, head).findings.map((finding) => finding.line)
      return named.some((other) => other === line || other === line + 1)
    }),
    { numRuns: 2_000 },
  )
})

t.test('a changed line is named, and no other', async () => {
  fc.assert(
    fc.property(reasons, fc.nat(), fc.nat(), (texts, at, where) => {
      const { lines, head } = chainOf(texts)
      const index = at % lines.length
      const line = lines[index] ?? ''
      const position = where % line.length
      const other = line[position] === 'x' ? 'y' : 'x'
      const changed = line.slice(0, position) + other + line.slice(position + 1)
      const found = kinds(verify(lines.with(index, changed), head))
      return found.length === 1 && found[0] === `changed ${index + 1}`
    }),
    { numRuns: 2_000 },
  )
})

t.test('removed lines are named by where they stood', async () => {
  fc.assert(
    fc.property(reasons, fc.nat(), fc.integer({ min: 1, max: 4 }), (texts, at, count) => {
      const { lines, head } = chainOf(texts)
      const index = at % lines.length
      const left = lines.toSpliced(index, count)
      const { findings } = verify(left, head)
      const last = Math.min(index + count, lines.length)
      const numbers = last === index + 1 ? `number ${last} ` : `numbers ${index + 1} to ${last},`
      const [only, ...more] = findings
      return more.length === 0 && only?.kind === 'removed' && only.detail.includes(numbers)
    }),
    { numRuns: 1_000 },
  )
})

t.test('two lines that changed places are found, and the one that is late is named', async () => {
  const several = fc.array(text, { minLength: 2, maxLength: 12 })
  fc.assert(
    fc.property(several, fc.nat(), fc.nat(), (texts, one, other) => {
      const { lines, head } = chainOf(texts)
      const [a, b] = [one % lines.length, other % lines.length].sort((x, y) => x - y) as [
        number,
        number,
      ]
      if (a === b) return true
      const swapped = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')
      const found = kinds(verify(swapped, head))
      return found.includes(`reordered ${b + 1}`) || found.includes(`reordered ${a + 1}`)
    }),
    { numRuns: 2_000 },
  )
})

t.test('a line that is put in is found and named, whatever it says', async () => {
  const forged = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }).map((line) => () => line),
    fc.nat().map((at) => (lines: readonly string[]) => lines[at % lines.length] ?? ''),
    // one that knows the chain, but not the key
    fc.constant((lines: readonly string[], index: number) => {
      const above = chainOf([]).head
      const head = index === 0 ? above : headOf(lines[index - 1] ?? '', index)
      const key = createSecretKey(Buffer.alloc(32, 8))
      return chainLine(
        formatAuditEntry({ event: 'daemon.started' }, 0),
        head,
        new LineMac(key),
      ).line.slice(0, -1)
    }),
  )
  fc.assert(
    fc.property(reasons, fc.nat(), forged, (texts, at, make) => {
      const { lines, head } = chainOf(texts)
      const index = at % (lines.length + 1)
      const line = make(lines, index)
      const found = kinds(verify(lines.toSpliced(index, 0, line), head))
      const isCopy = lines.includes(line)
      // which of two equal lines was there first nobody can tell
      return found.length > 0 && (isCopy || found.includes(`inserted ${index + 1}`))
    }),
    { numRuns: 2_000 },
  )
})

function headOf(line: string, seq: number): Head {
  return { seq, hash: hashOf(`${line}\n`) }
}
