import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { decodeBody } from '../../../daemon/issuer/decode-body.ts'

const TEXT = 'some answer'
const LIMIT = 1_000

t.test('a compression nobody asked for is undone', async (t) => {
  const table: readonly (readonly [string, Buffer])[] = [
    ['identity', Buffer.from(TEXT)],
    ['gzip', gzipSync(TEXT)],
    ['X-GZIP', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['BR', brotliCompressSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['identity, gzip', gzipSync(TEXT)],
  ]
  for (const [encoding, raw] of table) {
    const { body, isWhole } = decodeBody(raw, encoding, LIMIT)
    t.equal(body.toString(), TEXT, encoding)
    t.ok(isWhole, encoding)
    if (body !== raw) t.notOk(raw.some(Boolean), `${encoding}: wiped`)
  }
})

t.test('an answer without a compression is the same bytes', async (t) => {
  const raw = Buffer.from([0x80])
  t.strictSame(decodeBody(raw, undefined, LIMIT), { body: raw, isWhole: true })
})

t.test('what breaks off gives what it has', async (t) => {
  t.equal(decodeBody(gzipSync(TEXT).subarray(0, -8), 'gzip', LIMIT).body.toString(), TEXT)
})

t.test('text is text, whatever its header says', async (t) => {
  for (const encoding of ['', 'none', 'UTF-8', 'aws-chunked', 'gzip', 'deflate', 'br', 'gzip, br'])
    t.match(
      decodeBody(Buffer.from(TEXT), encoding, LIMIT),
      { body: Buffer.from(TEXT), isWhole: true },
      encoding,
    )
})

t.test('a JSON answer is none of the streams it may look like', async (t) => {
  for (const start of ['{"', '{ "', '{\n  "', '[{"'])
    for (const encoding of ['gzip', 'deflate', 'br']) {
      const json = Buffer.from(`${start}access_token":"${'a'.repeat(300)}"`)
      t.match(decodeBody(Buffer.from(json), encoding, LIMIT), { body: json }, encoding)
    }
})

t.test('what cannot be read is left as it is, and never whole', async (t) => {
  const unreadable = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
  for (const encoding of ['zstd', 'gzip'])
    t.match(
      decodeBody(Buffer.from(unreadable), encoding, LIMIT),
      { body: unreadable, isWhole: false },
      encoding,
    )
  const bomb = gzipSync(Buffer.alloc(LIMIT + 1))
  t.match(decodeBody(Buffer.from(bomb), 'gzip', LIMIT), { body: bomb, isWhole: false })
  const chain = Array.from({ length: 9 }).reduce<Buffer>(
    (bytes) => gzipSync(bytes),
    Buffer.from(TEXT),
  )
  const codings = Array.from({ length: 9 }, () => 'gzip').join()
  t.equal(decodeBody(chain, codings, LIMIT).isWhole, false)
})
