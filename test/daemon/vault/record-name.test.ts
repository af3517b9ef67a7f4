import t from 'tap'
import { recordFile, recordId } from '../../../daemon/vault/record-name.ts'

t.test('an id names a file, and the file gives it back', async (t) => {
  t.equal(recordFile('aZ0_-'), 'aZ0_-.grant')
  t.equal(recordId('aZ0_-.grant'), 'aZ0_-')
})

for (const id of ['', '.', '../a', 'a/b', 'a.b', 'a\0', 'x'.repeat(65)]) {
  t.test(`${JSON.stringify(id)} never becomes a file name`, async (t) => {
    t.throws(() => recordFile(id), TypeError)
  })
}

for (const file of ['a', '.grant', 'a.b.grant', '.a.grant.1.0123456789ab', 'a.grant~']) {
  t.test(`the file ${file} is not ours`, async (t) => {
    t.equal(recordId(file), undefined)
  })
}
