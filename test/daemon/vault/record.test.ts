import fc from 'fast-check'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { type GrantRecord, wipeRecord } from '../../../daemon/grant/grant-record.ts'
import { BrokenRecordError } from '../../../daemon/vault/broken-record-error.ts'
import { decodeRecord, encodeRecord } from '../../../daemon/vault/record.ts'
import { anyRecord, CANARY, flipped, readable, sampleRecord } from './sample-records.ts'

const ID = sampleRecord().grant.id

t.test('every record comes back as it was', async (t) => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const back = decodeRecord(record.grant.id, encodeRecord(record))
      t.same(readable(back), readable(record))
    }),
  )
})

t.test('a flipped bit is refused or seen, and is never an exception of another kind', async (t) => {
  const record = sampleRecord()
  const bytes = encodeRecord(record)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    try {
      const back = decodeRecord(ID, flipped(bytes, bit))
      t.not(JSON.stringify(readable(back)), JSON.stringify(readable(record)), `bit ${bit}`)
    } catch (error) {
      if (!(error instanceof BrokenRecordError)) t.fail(`bit ${bit}: ${String(error)}`)
    }
  }
})

t.test('bytes of any kind are refused without a word of theirs', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      t.throws(() => decodeRecord(ID, Buffer.from(bytes)), BrokenRecordError)
    }),
  )
})

t.test('a decoded secret is a copy: the clear text can be wiped', async (t) => {
  const bytes = encodeRecord(sampleRecord())
  const record = decodeRecord(ID, bytes)
  bytes.fill(0)
  t.equal(record.refreshToken?.reveal(), CANARY)
  wipeRecord(record)
  t.throws(() => record.refreshToken?.reveal(), TypeError)
})

t.test('a grant with a member that no reader knows is not written', async (t) => {
  const record = { grant: { ...sampleRecord().grant, extra: 1 } }
  t.throws(() => encodeRecord(record), TypeError)
})

/** A record with a head and sections of any kind. */
function bytesOf(head: string | Buffer, ...sections: [tag: number, bytes: string][]): Buffer {
  const text = Buffer.from(head)
  const parts = sections.map(([tag, bytes]) => {
    const part = Buffer.alloc(5 + bytes.length)
    part.writeUInt8(tag)
    part.writeUInt32BE(bytes.length, 1)
    part.write(bytes, 5)
    return part
  })
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, ...parts])
}

function headOf(changes: object = {}, format = 1): string {
  return JSON.stringify({ format, grant: { ...sampleRecord().grant, ...changes } })
}

const refused: Record<string, [bytes: Buffer, reason: RegExp]> = {
  nothing: [Buffer.alloc(0), /cut short/],
  'half a head': [bytesOf(headOf()).subarray(0, 40), /cut short/],
  'a head that is not JSON': [bytesOf(`{"${CANARY}`), /not JSON/],
  'a head that is not UTF-8': [bytesOf(Buffer.from([0x22, 0xff, 0x22])), /not JSON/],
  'a head that is no object': [bytesOf('null'), /not JSON/],
  'a later format': [bytesOf(headOf({}, 2)), /another version/],
  'a malformed grant': [bytesOf(headOf({ name: 1 })), /malformed/],
  'another grant': [bytesOf(headOf({ id: 'other' })), /another grant/],
  'an unknown secret': [bytesOf(headOf(), [7, CANARY]), /secrets are malformed/],
  'a secret twice': [bytesOf(headOf(), [1, CANARY], [1, CANARY]), /secrets are malformed/],
  'secrets out of order': [bytesOf(headOf(), [2, CANARY], [1, CANARY]), /secrets are malformed/],
  'half a secret': [bytesOf(headOf(), [1, CANARY]).subarray(0, -1), /secrets are malformed/],
  'a byte too much': [Buffer.concat([bytesOf(headOf()), Buffer.alloc(1)]), /secrets are malformed/],
}
for (const [name, [bytes, reason]] of Object.entries(refused)) {
  t.test(`${name} is refused by name, and nothing of it is told`, async (t) => {
    t.throws(() => decodeRecord(ID, bytes), { name: 'BrokenRecordError', message: reason })
    try {
      decodeRecord(ID, bytes)
    } catch (error) {
      t.match((error as Error).message, `record "${ID}.grant"`)
      t.notMatch((error as Error).message, CANARY)
    }
  })
}

t.test('all four secrets keep their places', async (t) => {
  const record: GrantRecord = {
    ...sampleRecord(),
    previousRefreshToken: Secret.fromText('previous'),
    clientSecret: Secret.fromText('client'),
    dpopKey: Secret.take(Buffer.from([0, 255])),
  }
  t.same(readable(decodeRecord(ID, encodeRecord(record))), readable(record))
})
