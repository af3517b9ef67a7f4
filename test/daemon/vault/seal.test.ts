import fc from 'fast-check'
import t from 'tap'
import { readHeader, seal, unseal } from '../../../daemon/vault/seal.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { CANARY, flipped } from './sample-records.ts'

const ID = 'a'
const FILE = 'a.grant'
const KEY = keyOf(1)
const SEALED = seal(KEY, ID, Buffer.from(CANARY))

/** Sealed once under that key for that grant; to change it is to lose what people have. */
const FIRST_VERSION =
  'R1JWMQEAAAAOh8sZ2SajL/PDG7hTdjdHhCT5cwlmzYksZIyKlPLUhC2EHj30Q759fSlfwSB/tuTXiH0/cnXl6Or9vr3V'

function keyOf(fill: number, machine = 'machine one'): SealingKey {
  return new SealingKey('keychain', Buffer.alloc(32, fill), machine)
}

function broken(reason: string): { name: string; message: string } {
  return { name: 'BrokenRecordError', message: `record "${FILE}": ${reason}` }
}

t.test('what was sealed opens again, whatever it is', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.stringMatching(/^\w{1,64}$/), (clear, id) => {
      t.same(unseal(KEY, id, seal(KEY, id, Buffer.from(clear))), Buffer.from(clear))
    }),
  )
})

t.test('the layout is the one that is written down', async (t) => {
  t.equal(SEALED.toString('latin1', 0, 4), 'GRV1')
  t.same([...SEALED.subarray(4, 8)], [1, 0, 0, 0])
  t.same(SEALED.subarray(8, 16), KEY.id)
  t.same(SEALED.subarray(16, 24), KEY.machineTag)
  t.equal(SEALED.length, 24 + 12 + 16 + CANARY.length)
})

t.test('a record of the first version opens for ever', async (t) => {
  t.equal(unseal(KEY, ID, Buffer.from(FIRST_VERSION, 'base64')).toString(), 'the first version')
})

t.test('two seals of the same bytes have nothing in common but their header', async (t) => {
  const other = seal(KEY, ID, Buffer.from(CANARY))
  t.same(other.subarray(0, 24), SEALED.subarray(0, 24))
  t.notSame(other.subarray(24, 36), SEALED.subarray(24, 36))
  t.notSame(other.subarray(52), SEALED.subarray(52))
})

t.test('a flipped bit anywhere is refused', async (t) => {
  for (let bit = 0; bit < SEALED.length * 8; bit++) {
    try {
      unseal(KEY, ID, flipped(SEALED, bit))
      t.fail(`bit ${bit}`)
    } catch (error) {
      if ((error as Error).name !== 'BrokenRecordError') t.fail(`bit ${bit}: ${String(error)}`)
    }
  }
})

t.test('a record that was cut short anywhere is refused', async (t) => {
  for (let length = 0; length < SEALED.length; length++) {
    t.throws(() => unseal(KEY, ID, SEALED.subarray(0, length)), { name: 'BrokenRecordError' })
  }
})

t.test('bytes of any kind are refused', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const sealed = Buffer.concat([SEALED.subarray(0, 6), Buffer.from(bytes)])
      t.throws(() => unseal(KEY, ID, sealed), { name: 'BrokenRecordError' })
    }),
  )
})

t.test('another key and another machine are told apart', async (t) => {
  t.throws(() => unseal(keyOf(2), ID, SEALED), broken('sealed with another key'))
  t.throws(() => unseal(keyOf(1, 'two'), ID, SEALED), broken('sealed on another machine'))
})

t.test('a record does not pass for that of another grant', async (t) => {
  t.throws(() => unseal(KEY, 'b', SEALED), { message: /^record "b.grant": damaged/ })
})

t.test('the header can be read without a key', async (t) => {
  const header = readHeader(FILE, SEALED)
  t.equal(header.provider, 'keychain')
  t.equal(header.parameters.length, 0)
  t.same([header.keyId, header.machineTag], [KEY.id, KEY.machineTag])
})

t.test('parameters are skipped, so that a later version can have them', async (t) => {
  const sealed = Buffer.concat([SEALED.subarray(0, 8), Buffer.from('abc'), SEALED.subarray(8)])
  sealed.writeUInt16BE(3, 6)
  const header = readHeader(FILE, sealed)
  t.equal(header.parameters.toString(), 'abc')
  t.same([header.keyId, header.machineTag], [KEY.id, KEY.machineTag])
  t.throws(() => unseal(KEY, ID, sealed), broken('damaged: a bit of it has changed'))
})

const refused: Record<string, [at: number, byte: number, reason: string]> = {
  'another magic': [0, 0x67, 'not a sealed record'],
  'an unknown keeper': [4, 6, 'sealed by another version'],
  'a byte that has to be zero': [5, 1, 'sealed by another version'],
  'parameters longer than the file': [6, 255, 'damaged: it is cut short'],
}
for (const [name, [at, byte, reason]] of Object.entries(refused)) {
  t.test(`a header with ${name} is refused`, async (t) => {
    const sealed = Buffer.from(SEALED)
    sealed.writeUInt8(byte, at)
    t.throws(() => readHeader(FILE, sealed), broken(reason))
  })
}
