import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { type GrantRecord, wipeRecord } from '../../../daemon/grant/grant-record.ts'
import { granted } from '../../fakes/granted.ts'

t.test('wiping a record wipes every secret in it', async (t) => {
  const record: Required<GrantRecord> = {
    grant: granted(),
    refreshToken: Secret.fromText('one'),
    previousRefreshToken: Secret.fromText('two'),
    clientSecret: Secret.fromText('three'),
    dpopKey: Secret.fromText('four'),
    accessTokens: Secret.fromText('five'),
    registrationToken: Secret.fromText('six'),
  }
  wipeRecord(record)
  const secrets = Object.values(record).filter((value) => value instanceof Secret)
  t.equal(secrets.length, 6)
  for (const secret of secrets) t.throws(() => secret.revealBytes(), TypeError)
})

t.test('a tombstone has nothing to wipe', async (t) => {
  const record = { grant: granted() }
  wipeRecord(record)
  t.same(record, { grant: granted() })
})
