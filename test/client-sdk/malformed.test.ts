import t from 'tap'
import { malformed } from '#sdk/malformed'

t.test('it says that something else than grantd answered', async (t) => {
  t.match(malformed('broken JSON'), {
    name: 'GrantdUnreachableError',
    reason: 'malformed',
    message: 'what answered is not grantd: broken JSON',
  })
})
