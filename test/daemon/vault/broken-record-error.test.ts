import t from 'tap'
import {
  BrokenRecordError,
  brokenRecord,
  unlessBroken,
} from '../../../daemon/vault/broken-record-error.ts'

t.test('a broken record is told by its file and a reason', async (t) => {
  const error = new BrokenRecordError('a.grant', 'damaged')
  t.equal(error.message, 'record "a.grant": damaged')
  t.same(brokenRecord(error), { file: 'a.grant', reason: 'damaged' })
})

t.test('what cannot be read for its bytes alone is broken', async (t) => {
  const raise = (error: Error) => (): string => {
    throw error
  }
  t.equal(
    unlessBroken(() => 'whole', 'damaged'),
    'whole',
  )
  t.equal(unlessBroken(raise(new BrokenRecordError('a.grant', 'damaged')), 'damaged'), 'damaged')
  t.throws(() => unlessBroken(raise(new TypeError('a bug')), 'damaged'), { message: 'a bug' })
})

t.test('any other error is not about a record', async (t) => {
  t.throws(() => brokenRecord(new TypeError('a bug')), { message: 'a bug' })
})
