import t from 'tap'
import { adaptAnswer } from '../../../daemon/issuer/adapt-answer.ts'

const raw = (body: string, contentType: string) => ({ body: Buffer.from(body), contentType })

t.test('a form of an issuer that answers by forms becomes JSON', async (t) => {
  for (const type of [
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=utf-8',
    'Text/Plain;charset=UTF-8',
  ]) {
    const { body, contentType } = adaptAnswer('form', raw('a=b', type), true)
    t.same([body.toString(), contentType], ['{"a":"b"}', 'application/json'], type)
  }
})

t.test('every other answer stays as it is', async (t) => {
  const form = 'application/x-www-form-urlencoded'
  const table = [
    [undefined, raw('a=b', form)],
    ['form', raw('{"a":"b=c"}', 'application/json')],
    ['form', raw(' {"a":"b=c"}', form)],
    ['form', raw('<a href="x">', 'text/plain')],
    ['form', raw('<a href="x">', 'text/html')],
    ['form', raw('', form)],
    ['form', raw('nothing', form)],
  ] as const
  for (const [answers, answer] of table) {
    const text = answer.body.toString()
    t.equal(adaptAnswer(answers, answer, true), answer, text)
    t.equal(answer.body.toString(), text)
  }
})
