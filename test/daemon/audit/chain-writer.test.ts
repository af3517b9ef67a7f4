import { createSecretKey } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BEGINNING, follows, linkOf } from '../../../daemon/audit/chain.ts'
import { ChainWriter } from '../../../daemon/audit/chain-writer.ts'

const macKey = createSecretKey(Buffer.alloc(32, 1))
const start = { head: BEGINNING, macKey, now: () => 0 }

t.test('a fragment is ended and told of before the next line', async (t) => {
  const path = join(t.testdir({ f: 'frag' }), 'f')
  const fd = openSync(path, 'a')
  t.teardown(() => closeSync(fd))
  const writer = new ChainWriter({ ...start, isTorn: true, fragment: 'frag' })
  const bytes = writer.write(fd, ({ seq }) => `{"behind":${seq}}\n`)
  const [fragment, torn = '', line = '', rest] = readFileSync(path, 'latin1').split('\n')
  t.same([fragment, rest], ['frag', ''])
  t.match(JSON.parse(torn), { event: 'audit.torn', audit: { bytes: 4 }, seq: 1 })
  t.match(JSON.parse(line), { behind: 1, seq: 2 })
  t.equal(bytes, readFileSync(path).length - 4)
  t.same([writer.isTorn, writer.fragment, writer.head.seq], [false, undefined, 2])
})

t.test('what was too long to be ours is ended, and not vouched for', async (t) => {
  const path = join(t.testdir({ f: 'junk' }), 'f')
  const fd = openSync(path, 'a')
  t.teardown(() => closeSync(fd))
  const writer = new ChainWriter({ ...start, isTorn: true, fragment: undefined })
  writer.write(fd, () => '{"a":1}\n')
  const [, line = ''] = readFileSync(path, 'latin1').split('\n')
  const link = linkOf(line)
  t.ok(link && follows(link, BEGINNING))
})

t.test('a write that fails leaves the chain where it was', async (t) => {
  const writer = new ChainWriter({ ...start, isTorn: false, fragment: undefined })
  t.throws(() => writer.write(openSync('/dev/full', 'a'), () => '{"a":1}\n'), { code: 'ENOSPC' })
  t.same([writer.head, writer.isTorn], [BEGINNING, false])
})
