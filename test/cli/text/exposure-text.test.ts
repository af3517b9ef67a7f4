import type { Exposure } from '@grantd/client/protocol'
import t from 'tap'
import { exposureText } from '../../../cli/text/exposure-text.ts'

t.test('each flag has its words, and one we do not know is told as it came', async (t) => {
  t.equal(exposureText({}), undefined)
  t.equal(exposureText({ exposure: [] }), undefined)
  t.equal(
    exposureText({
      exposure: ['non_rotating', 'never_expiring', 'unused_30d', 'older_than_policy'],
    }),
    'non-rotating, never-expiring, unused for 30 days, older than policy',
  )
  const foreign = ['toString'] as readonly string[] as readonly Exposure[]
  t.equal(exposureText({ exposure: foreign }), 'toString')
})
