import { Readable } from 'node:stream'
import t from 'tap'
import { MAX_SECRET_BYTES, readSecret } from '../../cli/read-secret.ts'

const read = (chunks: Iterable<string | Buffer>) =>
  readSecret(Readable.from(chunks, { objectMode: false }), 'the secret')

t.test('all of stdin, without the line break at its end', async (t) => {
  t.equal(await read(['s3', 'cret\n']), 's3cret')
  t.equal(await read(['s3cret\r\n']), 's3cret')
  t.equal(await read([' s3 cret ']), ' s3 cret ')
  t.equal(await read([Buffer.from([0xc3]), Buffer.from([0xbc])]), 'ü')
})

t.test('no secret, no end of it, and no secret typed into view', async (t) => {
  const refused = { name: 'UsageError' }
  await t.rejects(read([]), { ...refused, message: 'the secret on stdin is empty' })
  await t.rejects(read(['\n']), { ...refused, message: 'the secret on stdin is empty' })
  await t.rejects(read(['x'.repeat(MAX_SECRET_BYTES), 'x']), { ...refused, message: /too long/ })
  const terminal = Object.assign(Readable.from(['x']), { isTTY: true })
  await t.rejects(readSecret(terminal, 'the secret'), { ...refused, message: /through a pipe/ })
})

t.test('bytes that are no text are no secret: all of them would be the same one', async (t) => {
  const latin1 = Buffer.from('Höhlenbär', 'latin1')
  await t.rejects(read([latin1]), {
    name: 'UsageError',
    message: 'the secret on stdin is not UTF-8',
  })
  t.equal(await read(['\ufeffs3cret']), '\ufeffs3cret', 'and nothing of a text is dropped')
})
