import t from 'tap'
import { textHash } from '../../../daemon/base/text-hash.ts'

t.test('a hash reads as sha256sum prints it', async (t) => {
  t.equal(textHash('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  t.equal(textHash(Buffer.from('abc')), textHash('abc'))
})
