import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { vaultFiles } from '../../../daemon/vault/vault-files.ts'

t.test('a small file is written for the owner alone, read, and removed', async (t) => {
  const state = join(t.testdir(), 'state')
  const files = vaultFiles(state)
  t.equal(await files.prepare(), undefined)
  t.equal(await files.readFile('pin'), undefined)
  await files.writeFile('pin', Buffer.from('whose'))
  t.same(await files.readFile('pin'), Buffer.from('whose'))
  t.equal(statSync(join(state, 'sealing-key.pin')).mode & 0o777, 0o600)
  await files.removeFile('pin')
  await files.removeFile('pin')
  t.equal(await files.readFile('pin'), undefined)
})

t.test('what is there and cannot be ours counts as there', async (t) => {
  const state = t.testdir({ rekey: {}, locked: 'x'.repeat(65_537) })
  const files = vaultFiles(state)
  t.same(await files.readFile('rekey'), Buffer.alloc(0))
  t.same(await files.readFile('lock'), Buffer.alloc(0))
  symlinkSync('/etc/passwd', join(state, 'sealing-key.pin'))
  await t.rejects(files.readFile('pin'), { code: 'ELOOP' })
})

t.test('what a killed daemon left of a write is swept, here and among the records', async (t) => {
  const state = t.testdir({ grants: {} })
  for (const directory of [state, join(state, 'grants')]) {
    chmodSync(directory, 0o700)
    writeFileSync(join(directory, '.rekey.12.0123456789ab'), '')
  }
  const files = vaultFiles(state)
  await files.prepare()
  t.same(readdirSync(state), ['grants'])
  t.same(readdirSync(join(state, 'grants')), [])
  writeFileSync(join(state, '.locked.12.0123456789ab'), '')
  await files.prepare()
  t.ok(readdirSync(state).includes('.locked.12.0123456789ab'), 'once: this one is being written')
})

t.test('records go where they always went', async (t) => {
  const state = t.testdir()
  mkdirSync(join(state, 'grants'))
  const files = vaultFiles(state)
  await files.write('a', Buffer.from('sealed'))
  t.match(await files.readRecords(), { readable: [{ id: 'a', sealed: Buffer.from('sealed') }] })
  await files.remove('a')
  t.match(await files.readRecords(), { readable: [], broken: [] })
})

t.test('a directory that others can write to is not used, nor swept', async (t) => {
  const state = t.testdir({ '.rekey.12.0123456789ab': '' })
  chmodSync(state, 0o777)
  t.match(await vaultFiles(state).prepare(), /^others can write to/)
  t.same(readdirSync(state), ['.rekey.12.0123456789ab'])
})
