import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  type IdentitySources,
  machineIdentity as identityOf,
} from '../../../daemon/vault/machine-identity.ts'

const ID = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'
const IOREG = '  "IOPlatformUUID" = "01234567-89AB-CDEF-0123-456789ABCDEF"'

function files(...names: string[]): IdentitySources {
  return { files: names, program: undefined }
}

function program(script: string): IdentitySources {
  return { files: [], program: [process.execPath, '-e', script] }
}

/** Of a machine that a test makes up. */
function machineIdentity(
  directory: string,
  sources: IdentitySources,
  isGivenUp?: boolean,
): Promise<string> {
  return identityOf(directory, isGivenUp, sources)
}

t.test('the first file with an identity counts', async (t) => {
  const directory = t.testdir({
    empty: '',
    first: 'uninitialized\n',
    second: `${ID}\n`,
    third: OTHER,
  })
  const names = ['none', 'empty', 'first', 'second', 'third'].map((name) => join(directory, name))
  t.equal(await machineIdentity(directory, files(...names)), ID)
})

t.test('an identity can come from a program, as on macOS', async (t) => {
  const sources = program(`console.log(${JSON.stringify(IOREG)})`)
  t.equal(await machineIdentity(t.testdir(), sources), '01234567-89AB-CDEF-0123-456789ABCDEF')
})

const without = { 'no source': files(), 'a program that fails': program('process.exit(1)') }
for (const [name, sources] of Object.entries(without)) {
  t.test(`with ${name} a random identity is made once and kept`, async (t) => {
    const directory = join(t.testdir(), 'state')
    const id = await machineIdentity(directory, sources)
    t.match(id, /^[0-9a-f]{32}$/)
    t.equal(readFileSync(join(directory, 'machine-id'), 'utf8'), `${id}\n`)
    t.equal(statSync(join(directory, 'machine-id')).mode & 0o777, 0o600)
    t.equal(statSync(directory).mode & 0o777, 0o700)
    t.equal(await machineIdentity(directory, sources), id)
  })
}

t.test('an identity that appears later does not orphan what was sealed before', async (t) => {
  const directory = t.testdir({ 'machine-id': `${ID}\n`, system: `${OTHER}\n` })
  t.equal(await machineIdentity(directory, files(join(directory, 'system'))), ID)
})

t.test('a kept identity that cannot be read is never replaced', async (t) => {
  const linked = t.testdir({ 'machine-id': t.fixture('symlink', 'nowhere') })
  await t.rejects(machineIdentity(linked, files()), {
    name: 'VaultUnusableError',
    message: /machine-id" cannot be read: ELOOP$/,
    hint: /^let us read ".*machine-id"$/,
  })
  const directory = t.testdir({ 'machine-id': 'garbage' })
  await t.rejects(machineIdentity(directory, files()), {
    name: 'VaultUnusableError',
    message: `"${join(directory, 'machine-id')}" holds no machine id`,
    hint: /^restore the file from a backup/,
  })
  t.equal(readFileSync(join(directory, 'machine-id'), 'utf8'), 'garbage')
})

t.test('an identity that cannot be kept is none', async (t) => {
  const directory = join(t.testdir({ file: '' }), 'file', 'state')
  await t.rejects(machineIdentity(directory, program('process.exit(1)')), {
    name: 'VaultUnusableError',
    message: `"${join(directory, 'machine-id')}" cannot be read: ENOTDIR`,
  })
  const link = join(t.testdir(), 'state')
  symlinkSync('nowhere/deeper', link)
  await t.rejects(machineIdentity(link, files()), {
    name: 'VaultUnusableError',
    message: /machine-id" cannot be written: E/,
    hint: /^let us write to ".*state"/,
  })
})

t.test('this system has an identity that stays', async (t) => {
  const directory = t.testdir()
  t.equal(await identityOf(directory), await identityOf(directory))
})

t.test('a pipe in the place of the file holds nobody up', async (t) => {
  const directory = t.testdir()
  execFileSync('/usr/bin/mkfifo', [join(directory, 'machine-id')])
  await t.rejects(machineIdentity(directory, files()), { message: /holds no machine id$/ })
})

const SEALED = {
  'a record': { grants: { 'a.grant': 'sealed' } },
  'a pin': { 'sealing-key.pin': 'pin' },
  'an unfinished rekey': { rekey: 'both keys' },
  'what cannot be looked at': { grants: 'no directory' },
}
for (const [what, files] of Object.entries(SEALED))
  t.test(`a machine that forgets who it is orphans nothing: ${what}`, async (t) => {
    const directory = t.testdir({ ...files, system: `${ID}\n` })
    const system = { files: [join(directory, 'system')], program: undefined }
    const forgot = { files: [join(directory, 'none')], program: undefined }
    await t.rejects(machineIdentity(directory, forgot), {
      name: 'VaultUnusableError',
      message: /^this machine does not say who it is/,
      hint: /discard-sealed$/,
    })
    t.equal(await machineIdentity(directory, system), ID, 'nothing was made in its place')
    t.match(await machineIdentity(directory, forgot, true), /^[0-9a-f]{32}$/, 'given up')
  })
