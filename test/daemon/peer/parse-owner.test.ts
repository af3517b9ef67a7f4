import fc from 'fast-check'
import t from 'tap'
import { parseOwner } from '../../../daemon/peer/parse-owner.ts'

const statusOf = (name: string) =>
  `Name:\t${name}\nUmask:\t0022\nUid:\t1000\t1001\t1002\t1003\nGid:\t50\t51\t52\t53\nFDSize:\t64\n`

t.test('the effective ids count', async (t) => {
  t.same(parseOwner(statusOf('git')), { uid: 1001, gid: 51 })
})

t.test('no command name can forge an owner', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 64 }).map((name) => name.replaceAll('\n', '\\n')),
      (name) => parseOwner(statusOf(`x\rUid:\t0\t0\t0\t0${name}`))?.uid === 1001,
    ),
  )
})

t.test('a text of another form says nothing', async (t) => {
  for (const text of ['', 'Uid:\t1\t1\t', 'Uid:\t1\t1\t\nGid:\t1', 'Gid:\t1\t1\t1\t1\n'])
    t.equal(parseOwner(text), undefined, JSON.stringify(text))
})
