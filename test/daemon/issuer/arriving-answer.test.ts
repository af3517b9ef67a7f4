import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import {
  type ArrivedAnswer,
  ArrivingAnswer,
  MAX_ANSWER_BYTES,
} from '../../../daemon/issuer/arriving-answer.ts'

/** An answer that is fed by hand. */
function arriving() {
  const message = new IncomingMessage(new Socket())
  const ends: ArrivedAnswer[] = []
  const answer = new ArrivingAnswer(message, (end) => ends.push(end))
  return { message, ends, answer }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('all of an answer, once', async (t) => {
  const { message, ends, answer } = arriving()
  message.statusCode = 201
  message.headers = { 'x-a': 'b' }
  message.push('hel')
  message.push('lo')
  message.complete = true
  message.push(null)
  await turn()
  answer.stop()
  message.destroy()
  await turn()
  t.strictSame(ends, [
    {
      kind: 'answered',
      status: 201,
      headers: { 'x-a': 'b' },
      body: Buffer.from('hello'),
      isComplete: true,
    },
  ])
})

t.test('what came before it broke off', async (t) => {
  const { message, ends } = arriving()
  message.push('part')
  await turn()
  message.destroy(new Error('reset'))
  await turn()
  t.match(ends, [{ body: Buffer.from('part'), isComplete: false }])
  t.equal(ends.length, 1)
})

t.test('what came until nobody waits any longer, and nothing after that', async (t) => {
  const { message, ends, answer } = arriving()
  message.push('part')
  await turn()
  answer.stop()
  const late = Buffer.from('late')
  message.push(late)
  await turn()
  t.match(ends, [{ body: Buffer.from('part'), isComplete: false }])
  t.strictSame(late, Buffer.alloc(4), 'wiped')
})

t.test('an answer without end is cut at the limit', async (t) => {
  const { message, ends } = arriving()
  message.push(Buffer.alloc(MAX_ANSWER_BYTES, 'a'))
  await turn()
  const beyond = Buffer.from('b')
  message.push(beyond)
  await turn()
  t.equal(ends.length, 1)
  t.equal(ends[0]?.isComplete, false)
  t.equal(ends[0]?.body.length, MAX_ANSWER_BYTES)
  t.strictSame(beyond, Buffer.alloc(1), 'wiped')
  t.ok(message.destroyed)
})

t.test(
  'an answer that a lost connection ended is not whole, one that was whole before stays so',
  async (t) => {
    for (const isWhole of [true, false]) {
      const { message, ends, answer } = arriving()
      message.push('part')
      message.complete = isWhole
      answer.breakOff()
      message.complete = true
      message.push(null)
      await turn()
      t.match(ends, [{ body: Buffer.from('part'), isComplete: isWhole }])
    }
  },
)

t.test('an answer is whole as far as it can be read', async (t) => {
  const { message, ends } = arriving()
  message.headers = { 'content-encoding': 'gzip' }
  message.push(Buffer.from([0x80, 0x81]))
  message.complete = true
  message.push(null)
  await turn()
  t.match(ends, [{ isComplete: false }])
})
