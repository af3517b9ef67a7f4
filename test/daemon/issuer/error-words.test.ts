import t from 'tap'
import { errorWord } from '../../../daemon/issuer/error-words.ts'

t.test('only words of the standards get past, everything else is "other"', async (t) => {
  t.equal(errorWord('invalid_grant'), 'invalid_grant')
  t.equal(errorWord('bad_refresh_token'), 'invalid_grant', 'GitHub')
  t.equal(errorWord('rt-canary-value'), 'other')
  t.equal(errorWord('toString'), 'other')
  t.equal(errorWord(''), undefined)
  t.equal(errorWord(undefined), undefined)
  t.equal(errorWord({ error: 'invalid_grant' }), undefined)
})
