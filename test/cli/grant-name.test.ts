import t from 'tap'
import { grantName, noMore, onlyGrantName } from '../../cli/grant-name.ts'

t.test('a grant is named by a plain word', async (t) => {
  for (const word of ['work', 'a', '0', 'a.b-c_d', 'x'.repeat(64)]) t.equal(grantName(word), word)
  for (const word of ['', '.', '../x', 'a/b', 'a b', 'ä', '-a', 'x'.repeat(65)]) {
    t.throws(() => grantName(word), { name: 'UsageError', message: /is no name of a grant/ })
  }
  t.throws(() => grantName(undefined), { message: 'the name of a grant is missing' })
})

t.test('one argument where one is meant', async (t) => {
  t.equal(onlyGrantName(['work']), 'work')
  t.throws(() => onlyGrantName(['work', 'home']), { message: 'unexpected argument "home"' })
  t.throws(() => onlyGrantName([]), { name: 'UsageError' })
  t.equal(noMore([], 0), undefined)
  t.throws(() => noMore(['x'], 0), { name: 'UsageError' })
})
