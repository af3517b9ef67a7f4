import { inspect } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { describeError } from '../../../daemon/base/describe-error.ts'

const CANARY = 'canary-Zk3x9'

function withNothingOf(t: Test, error: unknown, what: string): void {
  t.notMatch(inspect(describeError(error), { depth: 10, showHidden: true }), CANARY, what)
}
t.test('name, code and places remain', async (t) => {
  const error = Object.assign(new TypeError('no'), { code: 'ENOENT' })
  const described = describeError(error)
  t.match(described, { name: 'TypeError', code: 'ENOENT' })
  t.same(Object.keys(described), ['name', 'code', 'stack'])
  t.match(described['stack'], /^ {4}at .*describe-error\.test\.\w+:\d+:\d+\)?(?:\n|$)/)
  t.same(describeError(undefined), {})
})

t.test('what is no error is only named by its kind', async (t) => {
  for (const [thrown, name] of [
    [CANARY, 'string'],
    [null, 'object'],
    [{ message: CANARY }, 'object'],
    [42, 'number'],
    [Symbol(CANARY), 'symbol'],
  ])
    t.same(describeError(thrown), { name })
})

t.test('nothing of a message, a cause or a body is left', async (t) => {
  const answer = { access_token: CANARY, refresh_token: CANARY }
  withNothingOf(t, new Error(CANARY), 'message')
  withNothingOf(t, new Error(`\n${CANARY}\n`), 'message of several lines')
  withNothingOf(t, new Error('no', { cause: new Error(CANARY) }), 'cause')
  withNothingOf(t, new Error('no', { cause: { cause: { body: answer } } }), 'nested cause')
  withNothingOf(t, new AggregateError([new Error(CANARY)], CANARY), 'errors of an aggregate')
  withNothingOf(t, Object.assign(new Error('no'), { body: answer, [CANARY]: 1 }), 'members')
})

t.test('lines of a message that look like places are none', async (t) => {
  for (const line of [
    `    at ${CANARY} (/x.js:1:2)`,
    `    at f (/${CANARY}.js:1:2)`,
    `    at ${CANARY}:1:2`,
  ]) {
    withNothingOf(t, new Error(`no\n${line}`), 'at the end')
    withNothingOf(t, new Error(`\n${line}`), 'at the start')
    withNothingOf(t, new Error(line), 'alone')
    withNothingOf(t, new Error(`no\n${line}\n${line}\nno`), 'in the middle')
    const changed = new Error(`no\n${line}`)
    t.type(changed.stack, 'string', 'the stack is written down before the message changes')
    for (const message of ['', 'ok', 'other', line]) {
      changed.message = message
      withNothingOf(t, changed, `changed to ${JSON.stringify(message)}`)
    }
    const joined = new Error('no')
    joined.stack = `${joined.stack ?? ''}\nCaused by: Error: ${CANARY}\n${line}`
    withNothingOf(t, joined, 'a stack that was joined')
  }
})

t.test('real places survive an awkward message', async (t) => {
  for (const message of ['', 'no', 'E', 'a\nb', 'a\n    at b (/c.js:1:2)'])
    t.match(describeError(new Error(message))['stack'], /describe-error\.test/, message)
  const coded = Object.assign(new Error('no'), { code: 'ERR_X' })
  coded.stack = 'TypeError [ERR_X]: no\n    at f (/x.js:1:2)\n    at new Promise (<anonymous>)'
  t.equal(describeError(coded)['stack'], '    at f (/x.js:1:2)')
})

t.test('a name or a code that no programmer would write is dropped', async (t) => {
  for (const name of [CANARY, `${CANARY}Error`, 'x'.repeat(99), '', 42, undefined, Symbol('x')])
    t.equal(describeError(Object.assign(new Error('no'), { name }))['name'], 'Error')
  for (const code of [CANARY, 'eyJhbGciOiJSUzI1NiJ9', 'X'.repeat(99), '', 42, {}])
    t.notOk('code' in describeError(Object.assign(new Error('no'), { code })))
  for (const code of ['ERR_INVALID_ARG_TYPE', 'login_required', 'E2BIG'])
    t.equal(describeError(Object.assign(new Error('no'), { code }))['code'], code)
})

t.test('an error that defends itself is still described', async (t) => {
  const hostile = new Error('no')
  Object.defineProperty(hostile, 'stack', {
    get: () => {
      throw new Error(CANARY)
    },
  })
  t.same(describeError(hostile), { name: 'Error' })
  for (const stack of [undefined, 42, '', 'Error: no', 'no'])
    t.equal(describeError(Object.assign(new Error('no'), { stack }))['stack'], '')
  t.equal(describeError(Object.assign(new Error('no'), { message: 42 }))['stack'], '')
})

t.test('no message leaves a trace, whatever it holds', async () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '    at ', ':1:2', ')', ' (', '/x.js', 'Error: ', 'file:///'),
    fc.string({ maxLength: 5 }),
  )
  fc.assert(
    fc.property(fc.array(piece), fc.array(piece), (before, after) => {
      const error = new Error(`${before.join('')}${CANARY}${after.join('')}`)
      return !JSON.stringify(describeError(error)).includes(CANARY)
    }),
  )
})
