import t from 'tap'
import { encodeRekeyFile, type RekeyFile, readRekeyFile } from '../../../daemon/vault/rekey-file.ts'
import { checksumOf, SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { flipped } from './sample-records.ts'

const MACHINE = 'machine one'

function oldKey(): SealingKey {
  return new SealingKey('keychain', Buffer.alloc(32, 1), MACHINE)
}

function newKey(): SealingKey {
  return new SealingKey('passphrase', Buffer.alloc(32, 2), MACHINE, Buffer.from('salt'))
}

function read(bytes: Buffer): RekeyFile {
  const file = readRekeyFile(bytes)
  if (file === 'damaged') throw new Error(file)
  return file
}

t.test('each of the two keys opens the other', async (t) => {
  const file = read(encodeRekeyFile(oldKey(), newKey()))
  t.match(file.from, { provider: 'keychain', keyId: oldKey().id })
  t.match(file.to, { provider: 'passphrase', keyId: newKey().id, parameters: Buffer.from('salt') })
  t.match(file.other(oldKey(), MACHINE), { provider: 'passphrase', id: newKey().id })
  t.match(file.other(newKey(), MACHINE), { provider: 'keychain', id: oldKey().id })
})

t.test('no third key, and no other machine, opens either', async (t) => {
  const file = read(encodeRekeyFile(oldKey(), newKey()))
  const third = new SealingKey('keychain', Buffer.alloc(32, 3), MACHINE)
  t.throws(() => file.other(third, MACHINE), { message: /sealed with another key/ })
  const elsewhere = new SealingKey('keychain', Buffer.alloc(32, 1), 'machine two')
  t.throws(() => file.other(elsewhere, 'machine two'), { message: /sealed on another machine/ })
})

t.test('no key lies in it in the clear', async (t) => {
  const bytes = encodeRekeyFile(oldKey(), newKey())
  for (const fill of [1, 2]) t.notOk(bytes.includes(Buffer.alloc(8, fill)))
})

t.test('whatever bit is turned over, it is damaged', async (t) => {
  const bytes = encodeRekeyFile(oldKey(), newKey())
  for (let bit = 0; bit < bytes.length * 8; bit++)
    if (readRekeyFile(flipped(bytes, bit)) !== 'damaged') t.fail(`bit ${bit}`)
  for (let length = 0; length < bytes.length; length++)
    if (readRekeyFile(bytes.subarray(0, length)) !== 'damaged') t.fail(`${length} bytes`)
  const other = Buffer.alloc(40)
  t.equal(readRekeyFile(Buffer.concat([other, checksumOf(other)])), 'damaged')
})

t.test('nobody can name another keeper for the key that is wrapped', async (t) => {
  const bytes = encodeRekeyFile(oldKey(), newKey()).subarray(0, -8)
  const second = 4 + bytes.readUInt32BE(0)
  bytes.writeUInt8(1, second + 4)
  const forged = read(Buffer.concat([bytes, checksumOf(bytes)]))
  t.match(forged.to, { provider: 'keychain' })
  t.throws(() => forged.other(oldKey(), MACHINE), { message: /a bit of it has changed/ })
})
