import { GrantdUnreachableError } from '@grantd/client'
import fc from 'fast-check'
import t from 'tap'
import { type Answer, AnswerParser, MAX_HEAD_BYTES } from '#sdk/parse-answer'
import { answer } from '../fakes/sdk-socket.ts'

/** All answers in these pieces of bytes. */
function parseAll(pieces: readonly Buffer[]): readonly Answer[] {
  const parser = new AnswerParser()
  const answers: Answer[] = []
  for (const piece of pieces) {
    parser.push(piece.toString('latin1'))
    for (let next = parser.next(); next !== undefined; next = parser.next()) answers.push(next)
  }
  return answers
}

/** `bytes` cut at the places `cuts` point to. */
function split(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
}

t.test('answers come out the same however their bytes are cut', async (t) => {
  const values = fc.array(fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(values, fc.array(fc.nat()), (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => answer({ text })).join(''))
      const got = parseAll(split(bytes, cuts)).map(({ text }) => JSON.parse(text))
      t.same(
        got,
        texts.map((text) => ({ text })),
      )
    }),
    { numRuns: 100 },
  )
})

t.test('arbitrary bytes, arbitrarily cut, end in answers or in our own error', async (t) => {
  const start = fc.constantFrom(
    '',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n',
  )
  const anyAnswer = fc.property(start, fc.uint8Array(), fc.array(fc.nat()), (head, tail, cuts) => {
    try {
      parseAll(split(Buffer.concat([Buffer.from(head), tail]), cuts))
    } catch (error) {
      if (!(error instanceof GrantdUnreachableError && error.reason === 'malformed')) throw error
    }
  })
  t.doesNotThrow(() => fc.assert(anyAnswer, { numRuns: 300 }), 'nothing else is thrown')
})

t.test('it knows whether an answer has begun', async (t) => {
  const parser = new AnswerParser()
  t.equal(parser.isEmpty, true)
  parser.push('H')
  t.equal(parser.next(), undefined)
  t.equal(parser.isEmpty, false)
  parser.push('TTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
  t.equal(parser.next(), undefined)
  t.equal(parser.isEmpty, false)
  parser.push('{}')
  t.match(parser.next(), { text: '{}' })
  t.equal(parser.isEmpty, true)
})

t.test('endless headers are refused, complete or not', async (t) => {
  for (const end of ['', '\r\n\r\n']) {
    const parser = new AnswerParser()
    parser.push(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(MAX_HEAD_BYTES)}${end}`)
    t.throws(() => parser.next(), { message: /headers above 16384 bytes/ })
  }
})

t.test('another protocol is told at its first bytes', async (t) => {
  const parser = new AnswerParser()
  parser.push('SSH-')
  t.throws(() => parser.next(), { name: 'GrantdUnreachableError', reason: 'malformed' })
})

t.test('a body that is not UTF-8 is refused', async (t) => {
  const parser = new AnswerParser()
  parser.push('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff')
  t.throws(() => parser.next(), { message: /not UTF-8/ })
})
