import t from 'tap'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'
import { BrokenRecordError } from '../../../daemon/vault/broken-record-error.ts'
import { RecordKeys } from '../../../daemon/vault/record-keys.ts'
import {
  changeRecord,
  resealRecord,
  sealRecord,
  unsealRecord,
} from '../../../daemon/vault/sealed-record.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { rotate } from './conformance.ts'
import { CANARY, readable, sampleRecord } from './sample-records.ts'

function someKeys(): RecordKeys {
  return new RecordKeys(SealingKey.random('keychain', 'machine one'), undefined)
}

t.test('what was sealed opens again, and holds no secret in the clear', async (t) => {
  const keys = someKeys()
  const record = sampleRecord({ id: 'a' })
  const { grant, sealed } = sealRecord(keys, record)
  t.same(readable(unsealRecord(keys, 'a', sealed)), readable(record))
  t.notOk(sealed.includes(CANARY))
  t.same(grant, record.grant)
  t.not(grant, record.grant, 'a copy: nobody changes it from outside')
  t.throws(() => unsealRecord(keys, 'b', sealed), BrokenRecordError, 'it is sealed for its id')
})

t.test('an id that could be another file is refused', async (t) => {
  t.throws(() => sealRecord(someKeys(), sampleRecord({ id: '../b' })), TypeError)
})

t.test('the record that a change was given is wiped, whatever comes of it', async (t) => {
  const keys = someKeys()
  const sealed = sealRecord(keys, sampleRecord({ id: 'a' }, 'first'))
  const given: GrantRecord[] = []
  const seen = (record: GrantRecord): GrantRecord => {
    given.push(record)
    return record
  }
  const changed = changeRecord(keys, sealed, (record) => rotate(seen(record)))
  t.equal(changed.grant.generation, 2)
  const opened = unsealRecord(keys, 'a', changed.sealed)
  t.equal(opened.refreshToken?.reveal(), 'token 2')
  t.equal(opened.previousRefreshToken?.reveal(), 'first')
  const moved = (record: GrantRecord): GrantRecord => {
    seen(record)
    return { ...record, grant: { ...record.grant, id: 'b' } }
  }
  t.throws(() => changeRecord(keys, sealed, moved), TypeError, 'the id of a grant never changes')
  const refused = (record: GrantRecord): never => {
    seen(record)
    throw new RangeError('changed my mind')
  }
  t.throws(() => changeRecord(keys, sealed, refused), RangeError)
  t.equal(given.length, 3)
  for (const { refreshToken } of given) t.throws(() => refreshToken?.reveal(), TypeError)
})

t.test('sealed anew, a record needs the key before no more', async (t) => {
  const keys = someKeys()
  const early = sealRecord(keys, sampleRecord({ id: 'a' }, 'first'))
  keys.begin(SealingKey.random('passphrase', 'machine one'))
  const late = resealRecord(keys, early)
  keys.end()
  t.equal(late.grant, early.grant)
  t.equal(unsealRecord(keys, 'a', late.sealed).refreshToken?.reveal(), 'first')
  t.throws(() => unsealRecord(keys, 'a', early.sealed), BrokenRecordError)
})
