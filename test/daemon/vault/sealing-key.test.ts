import t from 'tap'
import { SealingKey, sealingKeyId } from '../../../daemon/vault/sealing-key.ts'

const MACHINE = 'machine one'

function keyOf(fill: number, machine: string): SealingKey {
  return new SealingKey('keychain', Buffer.alloc(32, fill), machine)
}

function recordKeyOf(key: SealingKey): string {
  return key.withRecordKey((recordKey) => recordKey.toString('hex'))
}

t.test('the bytes that were handed in are wiped', async (t) => {
  const bytes = Buffer.alloc(32, 7)
  const key = new SealingKey('keychain', bytes, MACHINE)
  t.same(bytes, Buffer.alloc(32))
  t.same(key.id, sealingKeyId(Buffer.alloc(32, 7)))
})

t.test('the record key hangs on the key and on the machine', async (t) => {
  const key = keyOf(1, MACHINE)
  t.equal(recordKeyOf(key), recordKeyOf(keyOf(1, MACHINE)))
  t.not(recordKeyOf(key), recordKeyOf(keyOf(2, MACHINE)))
  t.not(recordKeyOf(key), recordKeyOf(keyOf(1, 'machine two')))
  t.same(key.id, keyOf(1, 'machine two').id)
  t.notSame(key.id, keyOf(2, MACHINE).id)
  t.same(key.machineTag, keyOf(2, MACHINE).machineTag)
  t.notSame(key.machineTag, keyOf(1, 'machine two').machineTag)
})

t.test('two random keys differ, and a wiped one lends nothing', async (t) => {
  const key = SealingKey.random('memory', MACHINE)
  let lent: Buffer = Buffer.alloc(0)
  key.withRecordKey((recordKey) => {
    lent = recordKey
  })
  t.notSame(lent, Buffer.alloc(32))
  t.not(recordKeyOf(key), recordKeyOf(SealingKey.random('memory', MACHINE)))
  key.wipe()
  t.same(lent, Buffer.alloc(32), 'what was lent is wiped with it')
  t.same(
    key.lend((bytes) => bytes),
    Buffer.alloc(32),
  )
  t.throws(() => recordKeyOf(key), TypeError, 'nothing is sealed under zeros')
})

t.test('a key of another length is a bug', async (t) => {
  t.throws(() => new SealingKey('keychain', Buffer.alloc(31), MACHINE), TypeError)
})
