import fc from 'fast-check'
import t from 'tap'
import { AssuanReplies, MAX_ASSUAN_LINE, parseReply } from '../../../daemon/consent/assuan-reply.ts'

t.test('each kind of line is read', async (t) => {
  const broken = { kind: 'broken' }
  const cases: readonly [line: string, reply: object][] = [
    ['OK', { kind: 'ok' }],
    ['OK Pleased to meet you', { kind: 'ok' }],
    ['ERR 83886179 Operation cancelled <Pinentry>', { kind: 'err', code: 83_886_179 }],
    ['ERR 1', { kind: 'err', code: 1 }],
    ['D curses', { kind: 'data', bytes: 'curses' }],
    ['D a%0Ab%25%e4', { kind: 'data', bytes: 'a\nb%\xe4' }],
    ['D ', { kind: 'data', bytes: '' }],
    ['S BUTTON_INFO close', { kind: 'aside' }],
    ['# a comment', { kind: 'aside' }],
    ['END', { kind: 'aside' }],
    ['D %4', broken],
    ['D %zz', broken],
    ['D%41', broken],
    ['OKAY', broken],
    ['ok', broken],
    [' OK', broken],
    ['ERR', broken],
    ['ERR x', broken],
    ['ERR 12345678901', broken],
    ['INQUIRE x', broken],
    ['', broken],
    ['\0', broken],
  ]
  for (const [line, reply] of cases) t.match(parseReply(line), reply, line)
})

t.test('lines arrive in any pieces', async (t) => {
  const bytes = Buffer.from('OK hello\r\nD a%0Ab\n# x\nERR 5 no\n')
  const whole = new AssuanReplies().read(bytes)
  t.same(
    whole.map(({ kind }) => kind),
    ['ok', 'data', 'aside', 'err'],
  )
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (cuts) => {
      const replies = new AssuanReplies()
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const read = at.slice(1).flatMap((end, i) => replies.read(bytes.subarray(at[i], end)))
      t.same(read, whole)
      t.notOk(replies.isWithinLine)
    }),
  )
})

t.test('a line that never ends is cut off, and nothing after it is read', async (t) => {
  const replies = new AssuanReplies()
  t.same(replies.read(Buffer.alloc(MAX_ASSUAN_LINE, 'x')), [])
  t.ok(replies.isWithinLine)
  t.match(replies.read(Buffer.from('x')), [{ kind: 'broken', why: 'a line is too long' }])
  t.same(replies.read(Buffer.from('\nOK\n')), [])
  t.notOk(replies.isWithinLine)
  const inOnePiece = new AssuanReplies()
  t.match(inOnePiece.read(Buffer.from(`OK\n${'x'.repeat(1_048_576)}\nOK\n`)), [
    { kind: 'ok' },
    { kind: 'broken' },
  ])
})

t.test('garbage never throws, and ends the reading at once', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), (chunks) => {
      const replies = new AssuanReplies()
      const read = chunks.flatMap((chunk) => replies.read(chunk))
      const broken = read.findIndex(({ kind }) => kind === 'broken')
      return broken < 0 || broken === read.length - 1
    }),
    { numRuns: 1_000 },
  )
})
