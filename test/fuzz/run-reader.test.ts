import t from 'tap'
import type { Reader } from './reader.ts'
import { runReader } from './run-reader.ts'
import { READERS } from './targets.ts'

const BAD = 0x7f
const RUNS = { seed: 3, runs: 20_000 }

/** Every reader with the same fault: what it does with a byte that none of its seeds has. */
function planted(fault: (input: Buffer) => void): readonly Reader[] {
  return READERS.map((reader) => ({
    ...reader,
    seeds: reader.seeds.map((seed) => Buffer.from(seed.filter((byte) => byte !== BAD))),
    check: (input) => (input.includes(BAD) ? fault(input) : undefined),
  }))
}

t.test('a reader that throws at a byte is found, and the byte is all that is shown', async (t) => {
  const readers = planted(() => {
    throw new RangeError('out of range')
  })
  for (const reader of readers) {
    const { finding, runs } = await runReader(reader, RUNS)
    t.match(finding, { what: 'RangeError: out of range', run: runs - 1 }, reader.name)
    t.same(finding?.input, Buffer.from([BAD]), reader.name)
    const again = await runReader(reader, { ...RUNS, runs })
    t.same(again.finding, finding, 'the seed makes it come again')
  }
})

t.test('a reader that does not end is ended', async (t) => {
  const [reader] = planted((input) => {
    // stands still for as long as the input has anything beside it
    while (input.length > 1);
  })
  const deadlineMs = 50
  const { finding } = await runReader({ ...reader, deadlineMs } as Reader, RUNS)
  t.match(finding, { what: /takes longer than 50 ms/ })
  // a machine that stands still makes one out of less
  t.ok((finding?.input.length ?? 9) <= 2, 'nothing else is shown')
})

t.test('a pattern that goes back and forth for ever is ended too', async (t) => {
  const slow = { name: 'slow', words: ['a'], seeds: [Buffer.from('aa')], deadlineMs: 50 }
  const check = (input: Buffer): void => {
    ;/^(?:a+)+$/.test(`${input.toString('latin1')}!`)
  }
  const { finding } = await runReader({ ...slow, check }, RUNS)
  t.match(finding, { what: /takes longer than/ })
  t.ok((finding?.input.length ?? 0) < 60)
})

t.test('a reader that keeps what it reads is found', async (t) => {
  const kept: Buffer[] = []
  const check = (): void => {
    kept.push(Buffer.alloc(20_000))
  }
  const keeper = { name: 'keeper', words: [], seeds: [Buffer.from('a')], check }
  t.match(await runReader(keeper, { seed: 1, runs: 1_000 }), {
    finding: { what: /the heap grew by/ },
  })
})

t.test('a reader that does not read its own seeds is no target', async (t) => {
  const [reader] = READERS
  const seeds = [Buffer.from([BAD])]
  const check = (): never => {
    throw new TypeError('no seed')
  }
  await t.rejects(runReader({ ...reader, seeds, check } as Reader, RUNS), TypeError)
})
