import t from 'tap'
import { encodePin, isPinOf, readPin } from '../../../daemon/vault/pin.ts'
import { checksumOf, SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { flipped } from './sample-records.ts'

function keyOf(fill: number, machine = 'machine one'): SealingKey {
  return new SealingKey('passphrase', Buffer.alloc(32, fill), machine, Buffer.from('parameters'))
}

t.test('a pin says whose key it is, where, and with what parameters', async (t) => {
  const key = keyOf(1)
  const pin = encodePin(key)
  t.same(readPin(pin), {
    provider: 'passphrase',
    parameters: Buffer.from('parameters'),
    keyId: key.id,
    machineTag: key.machineTag,
  })
  t.equal(isPinOf(key, pin), true)
  t.equal(isPinOf(keyOf(2), pin), false)
  t.equal(isPinOf(keyOf(1, 'machine two'), pin), false)
})

t.test('whatever bit is turned over, a pin is damaged, not the pin of another key', async (t) => {
  const pin = encodePin(keyOf(1))
  for (let bit = 0; bit < pin.length * 8; bit++)
    if (readPin(flipped(pin, bit)) !== 'damaged') t.fail(`bit ${bit}`)
  for (let length = 0; length < pin.length; length++)
    if (readPin(pin.subarray(0, length)) !== 'damaged') t.fail(`${length} bytes`)
})

t.test('a pin that somebody changed, checksum and all, is not the one of its key', async (t) => {
  const pin = encodePin(keyOf(1))
  const sealed = pin.subarray(0, -8)
  sealed.writeUInt8(1, 4)
  const forged = Buffer.concat([sealed, checksumOf(sealed)])
  t.match(readPin(forged), { provider: 'keychain' })
  t.equal(isPinOf(keyOf(1), forged), false)
})

t.test('what has a checksum and is no pin is damaged', async (t) => {
  const bytes = Buffer.from('something else, of some length')
  t.equal(readPin(Buffer.concat([bytes, checksumOf(bytes)])), 'damaged')
})
