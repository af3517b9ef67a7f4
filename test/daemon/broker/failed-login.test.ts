import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { recordFailedLogin } from '../../../daemon/broker/failed-login.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'

t.test('a refusal is on record with its code, a mistake as one', async (t) => {
  const audit = new FakeAudit([])
  await recordFailedLogin({ audit }, { grant: 'work' }, new GrantdError('invalid_request', 'no'))
  t.match(audit.last, { event: 'login.failed', grant: 'work', reason: 'invalid_request' })
  await recordFailedLogin({ audit }, { grant: 'work' }, new TypeError('a mistake'))
  t.match(audit.last, { event: 'login.failed', reason: 'internal_error' })
})

t.test('a log that cannot be written hides no refusal', async (t) => {
  const audit = new FakeAudit([])
  audit.failing = 'all'
  await t.resolves(recordFailedLogin({ audit }, { grant: 'work' }, new Error('no')))
})
