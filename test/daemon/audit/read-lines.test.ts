import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ReadLine, readLines } from '../../../daemon/audit/read-lines.ts'
import { uid } from '../../fakes/open-audit.ts'

async function read(path: string, from: number, size: number): Promise<ReadLine[]> {
  const lines: ReadLine[] = []
  for await (const batch of readLines(path, uid, from, size)) lines.push(...batch)
  return lines
}

t.test('every line is read once, wherever a chunk ends', async (t) => {
  const path = join(t.testdir(), 'f')
  const texts = Array.from({ length: 9_000 }, (_, index) => `${index}-${'x'.repeat(index % 97)}`)
  const text = `${texts.join('\n')}\ntail`
  writeFileSync(path, text, { mode: 0o600 })
  const lines = await read(path, 0, text.length)
  t.same(
    lines.map((line) => line.text),
    [...texts, 'tail'],
  )
  t.notOk(lines.at(-1)?.isEnded)
  for (const { text: part, offset } of lines.slice(0, 50))
    t.equal(text.slice(offset, offset + part.length), part)
  const { end = 0 } = lines[3] ?? {}
  t.equal((await read(path, end, text.length))[0]?.text, texts[4])
  t.equal((await read(path, 0, 5)).at(-1)?.isEnded, false)
})

t.test('between two batches others get their turn', async (t) => {
  const path = join(t.testdir(), 'f')
  const size = 20 * 131_072
  writeFileSync(path, `${'x'.repeat(1_023)}\n`.repeat(size / 1_024), { mode: 0o600 })
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  let batches = 0
  for await (const batch of readLines(path, uid, 0, size)) {
    batches += 1
    t.ok(batch.length <= 128, 'no batch is long')
    t.ok(turns >= batches - 1, `the loop went round ${turns} times before batch ${batches}`)
  }
  isOver = true
  t.equal(batches, 20)
})

t.test('a line without an end takes no more memory than one of ours', async (t) => {
  const path = join(t.testdir(), 'f')
  writeFileSync(path, `${'x'.repeat(1_000_000)}\nend\n`, { mode: 0o600 })
  const [long, short] = await read(path, 0, 1_000_005)
  t.same([long?.text.length, long?.end, short?.text], [65_536, 1_000_001, 'end'])
})

t.test('a file that is not ours is not read, and one that shrinks ends', async (t) => {
  const path = join(t.testdir(), 'f')
  writeFileSync(path, 'a\n', { mode: 0o644 })
  await t.rejects(read(path, 0, 2), { code: 'audit_unavailable' })
  await t.rejects(read(`${path}x`, 0, 2), { code: 'ENOENT' })
  const other = join(t.testdir(), 'g')
  writeFileSync(other, 'a\n', { mode: 0o600 })
  t.same(
    (await read(other, 0, 100)).map(({ text }) => text),
    ['a'],
  )
})
