import t from 'tap'
import { BEGINNING, chainLine, linkOf } from '../../../daemon/audit/chain.ts'
import { newChainKey } from '../../../daemon/audit/chain-key.ts'
import { judgeEnd } from '../../../daemon/audit/judge-end.ts'
import { LineMac } from '../../../daemon/audit/line-mac.ts'

const [current, next, other] = [newChainKey(), newChainKey(), newChainKey()]
const one = chainLine('{"a":1}\n', BEGINNING, new LineMac(current.mac))
const two = chainLine('{"a":2}\n', one.head, new LineMac(next.mac))
const forged = chainLine('{"a":3}\n', two.head, new LineMac(other.mac))
const lineOf = ({ line, head }: typeof one) => {
  const link = linkOf(line.slice(0, -1))
  if (link === undefined) throw new TypeError('a line')
  return { link, head }
}
const end = (...lines: readonly (typeof one)[]) => ({
  lines: lines.map(lineOf).toReversed(),
  isTorn: false,
})

t.test('the last line of ours is found, and who signs next', async (t) => {
  const known = { head: BEGINNING, current, next }
  t.same(judgeEnd(end(one, two), known), { head: two.head, key: next })
  t.same(judgeEnd(end(one), known), { head: one.head, key: current })
  t.same(judgeEnd(end(), known), { head: BEGINNING, key: current })
  t.same(judgeEnd(end(one), { head: one.head, current: other }), { head: one.head, key: other })
  t.same(judgeEnd(end(one), undefined), { head: one.head, key: undefined })
})

t.test('what is missing or too much is damage', async (t) => {
  const known = { head: one.head, current, next }
  t.match(judgeEnd(end(one, two, forged), known), { head: two.head, key: next, damage: /nobody/ })
  t.match(judgeEnd(end(), known), { head: BEGINNING, damage: /gone/ })
  t.match(judgeEnd(end(forged), { head: BEGINNING, current }), { damage: /gone/ })
})
