import fc from 'fast-check'
import t from 'tap'
import { parseJson } from '../../../daemon/api/parse-json.ts'
import { RecentBodies } from '../../../daemon/api/recent-bodies.ts'

t.test('the same bytes are the same value, which nobody can change', async (t) => {
  const bodies = new RecentBodies()
  const one = bodies.parse(Buffer.from('{"grant":"work"}')) as { grant: string }
  t.equal(bodies.parse(Buffer.from('{"grant":"work"}')), one)
  t.throws(() => {
    one.grant = 'home'
  }, TypeError)
  t.same(bodies.parse(Buffer.from('{"grant":"work" }')), { grant: 'work' })
  t.same(bodies.parse(Buffer.from('{"grant":"wörk"}')), { grant: 'wörk' })
  t.same(bodies.parse(Buffer.from('{"grant":"w\u00c3\u00b6rk"}')), { grant: 'w\u00c3\u00b6rk' })
  t.equal(bodies.parse(Buffer.from('null')), null)
})

t.test('what is no body stays none', async (t) => {
  const bodies = new RecentBodies()
  for (const text of ['{', '{"a":1,"a":2}', '{', ''])
    t.throws(() => bodies.parse(Buffer.from(text)), { code: 'invalid_request' })
  t.throws(() => bodies.parse(Buffer.from([0x22, 0xff, 0x22])), { code: 'invalid_request' })
  t.equal(bodies.size, 0)
})

t.test('a long body is read each time, and of many the oldest goes', async (t) => {
  const bodies = new RecentBodies()
  const long = Buffer.from(JSON.stringify({ a: 'x'.repeat(1_024) }))
  t.not(bodies.parse(long), bodies.parse(long))
  t.equal(bodies.size, 0)
  const first = bodies.parse(Buffer.from('[0]'))
  for (let at = 1; at < 256; at += 1) bodies.parse(Buffer.from(`[${at}]`))
  t.equal(bodies.parse(Buffer.from('[0]')), first)
  bodies.parse(Buffer.from('[256]'))
  t.not(bodies.parse(Buffer.from('[0]')), first)
  t.equal(bodies.size, 256)
})

t.test('whatever comes, it is what parsing says', async () => {
  const bodies = new RecentBodies()
  fc.assert(
    fc.property(fc.array(fc.json({ maxDepth: 1 }), { maxLength: 5 }), (texts) =>
      [...texts, ...texts].every((text) => {
        const body = Buffer.from(text)
        return JSON.stringify(bodies.parse(body)) === JSON.stringify(parseJson(body))
      }),
    ),
  )
})
