import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newChainKey } from '../../../daemon/audit/chain-key.ts'
import { readKeyFile, writeKeyFile } from '../../../daemon/audit/key-file.ts'
import { uid } from '../../fakes/open-audit.ts'

const head = { seq: 7, hash: 'a'.repeat(64) }

t.test('what was written is read, and an earlier key is gone', async (t) => {
  const path = join(t.testdir(), 'audit.key')
  t.equal(readKeyFile(path, uid), undefined)
  const [current, next] = [newChainKey(), newChainKey()]
  await writeKeyFile(path, { head, current, next })
  t.match(readKeyFile(path, uid), {
    head,
    current: { publicKey: current.publicKey },
    next: { publicKey: next.publicKey },
  })
  await writeKeyFile(path, { head, current: next })
  t.equal(readKeyFile(path, uid)?.next, undefined)
  t.notMatch(readFileSync(path, 'utf8'), current.mac.export().toString('base64url'))
})

t.test('what is broken, or not ours alone, is refused without a word of it', async (t) => {
  const path = join(t.testdir(), 'audit.key')
  await writeKeyFile(path, { head, current: newChainKey() })
  const text = readFileSync(path, 'utf8')
  for (const broken of ['', 'canary', text.replace('"version":1', '"version":2'), text.slice(9)]) {
    writeFileSync(path, broken)
    t.throws(() => readKeyFile(path, uid), {
      code: 'audit_unavailable',
      message: `the audit log cannot be used: "${path}" is broken`,
    })
  }
  writeFileSync(path, text)
  chmodSync(path, 0o640)
  t.throws(() => readKeyFile(path, uid), {
    code: 'audit_unavailable',
    message: /is open to others/,
  })
  const link = join(t.testdir(), 'link')
  symlinkSync(path, link)
  t.throws(() => readKeyFile(link, uid), { code: 'ELOOP' })
})
