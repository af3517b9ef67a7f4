import fc from 'fast-check'
import t from 'tap'
import { adaptForm } from '../../../daemon/issuer/adapt-form.ts'

const adapted = (form: string, isComplete = true): unknown =>
  JSON.parse(adaptForm(Buffer.from(form), isComplete).toString())

t.test('a form becomes the JSON of a token answer; documented, not observed', async (t) => {
  const table: readonly (readonly [string, object])[] = [
    [
      'access_token=ghu_16C7&expires_in=28800&refresh_token=ghr_1B4a&scope=&token_type=bearer',
      {
        access_token: 'ghu_16C7',
        expires_in: 28_800,
        refresh_token: 'ghr_1B4a',
        scope: '',
        token_type: 'bearer',
      },
    ],
    [
      'error=authorization_pending&error_description=wait+a+bit&interval=5',
      { error: 'authorization_pending', error_description: 'wait a bit', interval: 5 },
    ],
    ['scope=repo%2Cgist%20x\n', { scope: 'repo,gist x' }],
    ['a=%22%5C%0a%7f%E2%82%AC', { a: '"\\\n\u007f€' }],
    ['a=%&b=%4&c=%zz&d=%4z', { a: '%', b: '%4', c: '%zz', d: '%4z' }],
    ['a=b=c', { a: 'b=c' }],
    ['a', { a: '' }],
    ['&&=x&a=1&', { a: '1' }],
    ['', {}],
    ['expires_in=', { expires_in: '' }],
    ['expires_in=1e9', { expires_in: '1e9' }],
    ['expires_in=007', { expires_in: '007' }],
    ['expires_in=0', { expires_in: 0 }],
    ['%65xpires_in=60', { expires_in: '60' }],
  ]
  for (const [form, json] of table) t.same(adapted(form), json, form)
})

t.test('what broke off loses its last member, which may be half of one', async (t) => {
  t.same(adapted('access_token=a&refresh_token=RT', false), { access_token: 'a' })
  t.same(adapted('refresh_token=RT&', false), { refresh_token: 'RT' })
  t.same(adapted('refresh_token=RT', false), {})
})

t.test('the form is gone afterwards', async (t) => {
  const form = Buffer.from('refresh_token=RT-canary')
  adaptForm(form, true)
  t.ok(form.every((byte) => byte === 0))
})

t.test('every form says as JSON what it says as a form', async (t) => {
  const pairs = fc.uniqueArray(
    fc.tuple(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' })),
    {
      selector: ([name]) => name,
      maxLength: 5,
    },
  )
  fc.assert(
    fc.property(pairs, (all) => {
      const known = all.filter(([name]) => !['expires_in', 'interval', '__proto__'].includes(name))
      const json = adapted(new URLSearchParams(known).toString())
      t.same(json, Object.fromEntries(new URLSearchParams(new URLSearchParams(known).toString())))
    }),
  )
})

t.test('whatever bytes come, JSON comes of them', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, isComplete) => {
      const json: unknown = JSON.parse(adaptForm(Buffer.from(bytes), isComplete).toString())
      t.type(json, 'object')
    }),
  )
})
