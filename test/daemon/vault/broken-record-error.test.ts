import t from 'tap'
import { BrokenRecordError, brokenRecord } from '../../../daemon/vault/broken-record-error.ts'

t.test('a broken record is told by its file and a reason', async (t) => {
  const error = new BrokenRecordError('a.grant', 'damaged')
  t.equal(error.message, 'record "a.grant": damaged')
  t.same(brokenRecord(error), { file: 'a.grant', reason: 'damaged' })
})

t.test('any other error is not about a record', async (t) => {
  t.throws(() => brokenRecord(new TypeError('a bug')), { message: 'a bug' })
})
