import t from 'tap'
import { answer } from '../../cli/answer.ts'

t.test('an answer with the needed members is handed on as it is', async (t) => {
  const value = { status: 'ok', version: '1' }
  t.equal(answer(value, 'status', 'version'), value)
  t.equal(answer(value), value)
})

t.test('what another version or another program sent is no answer', async (t) => {
  for (const value of [undefined, null, 'ok', 7, [], { version: '1' }]) {
    t.throws(() => answer<{ status: string }>(value, 'status'), {
      name: 'GrantdUnreachableError',
      message: /has no "status"/,
    })
  }
  t.throws(() => answer(undefined), { message: /has no "members"/ })
})
