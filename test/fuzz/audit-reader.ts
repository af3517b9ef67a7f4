import { createSecretKey } from 'node:crypto'
import { formatAuditEntry } from '../../daemon/audit/audit-record.ts'
import { BEGINNING, chainLine, hashOf, isMadeWith } from '../../daemon/audit/chain.ts'
import { formatCursor, parseCursor } from '../../daemon/audit/cursor.ts'
import { LineMac } from '../../daemon/audit/line-mac.ts'
import { ChainVerifier } from '../../daemon/audit/verify-chain.ts'
import { claim } from './claim.ts'
import type { Reader } from './reader.ts'

const MAC_KEY = createSecretKey(Buffer.alloc(32, 7))

function chain(lines: number): string {
  let text = ''
  let head = BEGINNING
  for (let index = 0; index < lines; index++) {
    const entry = { event: 'login.failed', reason: 'no', request: { index } } as const
    const made = chainLine(formatAuditEntry(entry, index * 1_000), head, new LineMac(MAC_KEY))
    text += made.line
    head = made.head
  }
  return text
}

const WHOLE = chain(5)
const HEAD = { seq: 5, hash: hashOf(`${WHOLE.split('\n')[4] ?? ''}\n`) }

function checkAudit(input: Buffer): void {
  const text = input.toString('latin1')
  const cursor = parseCursor(text)
  if (cursor !== undefined)
    claim(parseCursor(formatCursor(cursor)) !== undefined, 'a cursor that does not come back')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const verifier = new ChainVerifier({ anchor: HEAD, isOurs: (link) => isMadeWith(MAC_KEY, link) })
  for (const [index, line] of lines.entries())
    verifier.add({ file: 'f', line: index + 1, text: line })
  const { findingCount, findings } = verifier.finish(HEAD)
  claim(findings.length <= 100, 'more findings than anybody reads')
  for (const { line } of findings)
    claim(line >= 1 && line <= lines.length + 1, 'a finding in a line that is not there')
  claim(findingCount > 0 || text.trimEnd() === WHOLE.trimEnd(), 'a changed log that verifies')
}

/** The audit log, which whoever runs as the owner can edit. */
export const AUDIT_READER: Reader = {
  name: 'audit',
  seeds: [WHOLE, chain(1), '2026-11-21.2@4711'].map((text) => Buffer.from(text)),
  words: ['","mac":"', ',"seq":9007199254740993,"prev":"', '\n', '"audit.torn"', '"}\n'],
  check: checkAudit,
}
