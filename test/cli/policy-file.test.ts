import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { readPolicyFile } from '../../cli/policy-file.ts'

t.test('a text is read as it is', async (t) => {
  const directory = t.testdir({ file: '# ä\n', full: 'x'.repeat(65_536), empty: '' })
  t.equal(await readPolicyFile(join(directory, 'file')), '# ä\n')
  t.equal((await readPolicyFile(join(directory, 'full'))).length, 65_536)
  t.equal(await readPolicyFile(join(directory, 'empty')), '')
})

t.test('what is no text of a person is refused', async (t) => {
  const directory = t.testdir({
    long: 'x'.repeat(65_537),
    bytes: Buffer.from([0x23, 0xff]),
    deep: {},
  })
  execFileSync('/usr/bin/mkfifo', [join(directory, 'pipe')])
  for (const [name, message] of [
    ['long', /is longer than 65536 bytes$/],
    ['bytes', /is not UTF-8$/],
    ['deep', /^cannot read ".*": EISDIR$/],
    ['none', /^cannot read ".*": ENOENT$/],
  ] as const)
    await t.rejects(readPolicyFile(join(directory, name)), { name: 'UsageError', message })
  t.equal(await readPolicyFile(join(directory, 'pipe')), '', 'a pipe is not waited for')
})
