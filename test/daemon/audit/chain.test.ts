import { createHash, createSecretKey } from 'node:crypto'
import t from 'tap'
import {
  BEGINNING,
  chainLine,
  follows,
  hashOf,
  isMadeWith,
  linkOf,
} from '../../../daemon/audit/chain.ts'
import { LineMac } from '../../../daemon/audit/line-mac.ts'

const KEY = createSecretKey(Buffer.alloc(32, 1))
const MAC = new LineMac(KEY)
const TEXT = '{"event":"daemon.started"}\n'

t.test('a line names the plain SHA-256 of the line before', async (t) => {
  const one = chainLine(TEXT, BEGINNING, MAC)
  const two = chainLine(TEXT, one.head, MAC)
  t.equal(JSON.parse(one.line).prev, '0'.repeat(64))
  t.equal(JSON.parse(two.line).prev, createHash('sha256').update(one.line).digest('hex'))
  t.equal(JSON.parse(two.line).seq, 2)
  t.same(two.head, { seq: 2, hash: hashOf(two.line) })
})

t.test('only who has the key makes its mac', async (t) => {
  const { line } = chainLine(TEXT, BEGINNING, MAC)
  const link = linkOf(line.slice(0, -1))
  t.ok(link && isMadeWith(KEY, link) && follows(link, BEGINNING))
  t.notOk(link && isMadeWith(createSecretKey(Buffer.alloc(32, 2)), link))
  t.notOk(link && isMadeWith(KEY, { ...link, body: link.body.replace('started', 'stopped') }))
  t.notOk(link && follows(link, { seq: 0, hash: '1'.repeat(64) }))
})

t.test('what a caller writes is no link', async (t) => {
  const { line } = chainLine(TEXT, BEGINNING, MAC)
  const copied = line.slice(line.indexOf(',"seq"'), -1)
  t.equal(linkOf(JSON.stringify({ reason: copied })), undefined)
  for (const text of ['', '{}', `${line}x`, line.replace('"seq":1', '"seq":0')])
    t.equal(linkOf(text), undefined)
})
