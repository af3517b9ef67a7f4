import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { credentialFileKeeper } from '../../../daemon/vault/credential-file-keeper.ts'
import { NO_PARAMETERS } from '../../../daemon/vault/keeper.ts'
import { sealingKeyId } from '../../../daemon/vault/sealing-key.ts'
import { needsRoot } from '../../needs.ts'

const uid = process.getuid?.() ?? -1
const KEY = Buffer.alloc(32, 0xa1)
const NEW = Buffer.alloc(32, 0xb2)
const NAME = { keyId: sealingKeyId(KEY), parameters: NO_PARAMETERS }

/** A directory of credentials as a service manager makes it. */
function directory(t: Test, files: Readonly<Record<string, string | Buffer>>): string {
  const path = t.testdir()
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(path, name), content, { mode: 0o400 })
  return path
}

const forms: Record<string, string | Buffer> = {
  '32 bytes': KEY,
  '64 digits': KEY.toString('hex'),
  '64 digits and a newline': `${KEY.toString('hex').toUpperCase()}\n`,
}
for (const [name, content] of Object.entries(forms))
  t.test(`${name} are a key`, async (t) => {
    const keeper = credentialFileKeeper(directory(t, { 'grantd-sealing-key': content }), uid)
    t.same(await keeper.find(NAME), { kind: 'found', bytes: KEY })
    t.same(await keeper.make(undefined), { kind: 'made', bytes: KEY, parameters: NO_PARAMETERS })
    t.same(await keeper.keep(NAME.keyId, KEY), { kind: 'kept' })
    t.equal(await keeper.forget(NAME.keyId), false, 'it is not ours to remove')
    t.same(await keeper.find(NAME), { kind: 'found', bytes: KEY })
  })

t.test('a new key beside the old one is the one to move to', async (t) => {
  const path = directory(t, { 'grantd-sealing-key': KEY, 'grantd-sealing-key-new': NEW })
  const keeper = credentialFileKeeper(path, uid)
  t.match(await keeper.make(NAME.keyId), { bytes: NEW })
  t.match(await keeper.find(NAME), { bytes: KEY })
  t.match(await keeper.find({ ...NAME, keyId: sealingKeyId(NEW) }), { bytes: NEW })
})

t.test('the key that is in use already is not a new one', async (t) => {
  const one = credentialFileKeeper(directory(t, { 'grantd-sealing-key': KEY }), uid)
  t.match(await one.make(NAME.keyId), { kind: 'none', hint: /grantd-sealing-key-new/ })
})

t.test('a key that is not handed in is told', async (t) => {
  t.match(await credentialFileKeeper(undefined, uid).find(NAME), {
    kind: 'unavailable',
    reason: /there is no \$CREDENTIALS_DIRECTORY/,
  })
  t.match(await credentialFileKeeper(t.testdir(), uid).make(undefined), {
    kind: 'unavailable',
    reason: /there is no credential ".*grantd-sealing-key"/,
  })
  const other = credentialFileKeeper(directory(t, { 'grantd-sealing-key': NEW }), uid)
  t.match(await other.find(NAME), { kind: 'none', reason: /another key than the vault needs/ })
  t.match(await other.keep(NAME.keyId, KEY), { kind: 'none' })
})

const unfit: Record<string, [make: (path: string) => void, reason: RegExp]> = {
  'one that others can read': [
    (path) => {
      writeFileSync(path, KEY)
      chmodSync(path, 0o440)
    },
    /is open to others$/,
  ],
  'a directory': [(path) => mkdirSync(path), /is not a file$/],
  'a pipe': [(path) => void execFileSync('mkfifo', ['-m', '600', path]), /is not a file$/],
  'a link': [(path) => symlinkSync('/etc/passwd', path), /cannot be read: ELOOP$/],
  '31 bytes': [(path) => writeFileSync(path, KEY.subarray(1), { mode: 0o600 }), /is not 32 bytes/],
  '64 letters': [(path) => writeFileSync(path, 'g'.repeat(64), { mode: 0o600 }), /is not 32 bytes/],
  '65 digits': [(path) => writeFileSync(path, '0'.repeat(65), { mode: 0o600 }), /is not 32 bytes/],
  'a long one': [(path) => writeFileSync(path, '0'.repeat(66), { mode: 0o600 }), /is too long/],
}
for (const [name, [make, reason]] of Object.entries(unfit))
  t.test(`${name} is no key, and never read as one`, async (t) => {
    const path = t.testdir()
    make(join(path, 'grantd-sealing-key'))
    const keeper = credentialFileKeeper(path, uid)
    t.match(await keeper.find(NAME), { kind: 'silent', reason })
    t.match(await keeper.make(undefined), { kind: 'silent', reason })
  })

t.test('a file of somebody else is none', async (t) => {
  const path = directory(t, { 'grantd-sealing-key': KEY })
  const file = join(path, 'grantd-sealing-key')
  // root's are as good as ours, so that where we are root there has to be somebody else
  if (uid === 0) execFileSync('chown', ['65534', file])
  const answer = await credentialFileKeeper(path, uid === 0 ? 0 : uid + 1).find(NAME)
  t.match(answer, { kind: 'silent', reason: /belongs to uid \d+$/ })
})

t.test('one of root’s that an access list opens to us is ours', needsRoot(), async (t) => {
  const path = directory(t, { 'grantd-sealing-key': KEY })
  for (const [mode, kind] of [
    [0o440, 'made'],
    [0o400, 'made'],
    [0o460, 'silent'],
    [0o444, 'silent'],
  ] as const) {
    chmodSync(join(path, 'grantd-sealing-key'), mode)
    t.match(await credentialFileKeeper(path, 12_345).make(undefined), { kind }, mode.toString(8))
  }
})
