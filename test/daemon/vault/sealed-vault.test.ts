import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { MAX_ANSWER_BYTES } from '../../../daemon/issuer/arriving-answer.ts'
import type { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { createSealedVault } from '../../../daemon/vault/sealed-vault.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import {
  prepareStateDirectory,
  readRecordFiles,
  recordDirectory,
} from '../../../daemon/vault/state-directory.ts'
import { vaultFiles } from '../../../daemon/vault/vault-files.ts'
import { rotate, vaultConformance } from './conformance.ts'
import { CANARY, flipped, sampleRecord } from './sample-records.ts'

/** Opens the vault in a state directory as a daemon that starts does. */
async function reopen(state: string, fill = 1, machine = 'machine one'): Promise<SealedRecords> {
  await prepareStateDirectory(state)
  const key = new SealingKey('keychain', Buffer.alloc(32, fill), machine)
  return createSealedVault(vaultFiles(state), key, await readRecordFiles(state))
}

function stateIn(t: Test): string {
  return join(t.testdir(), 'state')
}

/** Every file below a directory, as bytes. */
function filesBelow(directory: string): readonly Buffer[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
}

vaultConformance(t, async (t) => reopen(stateIn(t)))

t.test('everything is there after a restart', async (t) => {
  const state = stateIn(t)
  const vault = await reopen(state)
  t.equal(vault.kind, 'sealed')
  await vault.add(sampleRecord({ id: 'b', createdAt: 2 }, 'second'))
  await vault.add(sampleRecord({ id: 'a', createdAt: 1 }, 'first'))
  await vault.add(sampleRecord({ id: 'c' }))
  await vault.change('a', rotate)
  await vault.remove('c')
  const before = vault.list()
  await vault.close()
  const again = await reopen(state)
  t.same(again.list(), before)
  t.same(again.broken, [])
  t.equal(again.open('a').refreshToken?.reveal(), 'token 2')
  t.equal(again.open('a').previousRefreshToken?.reveal(), 'first')
  t.equal(again.open('b').refreshToken?.reveal(), 'second')
})

t.test('so are the longest tokens an answer has room for', async (t) => {
  const state = stateIn(t)
  const vault = await reopen(state)
  const [first, second] = ['a', 'b'].map((letter) => letter.repeat(MAX_ANSWER_BYTES))
  await vault.add(sampleRecord({ id: 'a' }, first))
  await vault.change('a', (record) => ({
    ...record,
    refreshToken: Secret.fromText(second ?? ''),
    ...(record.refreshToken && { previousRefreshToken: record.refreshToken }),
  }))
  await vault.close()
  const again = await reopen(state)
  t.same(again.broken, [])
  t.ok(again.open('a').refreshToken?.reveal() === second)
  t.ok(again.open('a').previousRefreshToken?.reveal() === first)
})

t.test('no file holds a secret or the name of an issuer in the clear', async (t) => {
  const state = stateIn(t)
  const vault = await reopen(state)
  await vault.add(sampleRecord({ id: 'a' }))
  await vault.change('a', (record) => ({ ...rotate(record), ...record }))
  const files = filesBelow(state)
  t.equal(files.length, 1)
  for (const bytes of files)
    for (const word of [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 16), 'id.example'])
      t.notOk(bytes.includes(word))
})

t.test('one broken record never stops the others, and is left as it is', async (t) => {
  const state = stateIn(t)
  const vault = await reopen(state)
  for (const id of ['a', 'b', 'c']) await vault.add(sampleRecord({ id }, `token of ${id}`))
  await vault.close()
  const path = (id: string): string => join(recordDirectory(state), `${id}.grant`)
  const damaged = flipped(readFileSync(path('a')), 800)
  writeFileSync(path('a'), damaged)
  renameSync(path('b'), path('d'))
  mkdirSync(path('e'))

  const again = await reopen(state)
  t.same(again.broken, [
    { file: 'e.grant', reason: 'no file, or longer than any record' },
    { file: 'a.grant', reason: 'damaged: a bit of it has changed' },
    { file: 'd.grant', reason: 'damaged: a bit of it has changed' },
  ])
  t.same(
    again.list().map(({ id }) => id),
    ['c'],
  )
  t.equal((await again.change('c', rotate)).generation, 2)
  await again.close()
  t.same(readFileSync(path('a')), damaged)
})

t.test('records of another key and of another machine are told apart', async (t) => {
  const state = stateIn(t)
  const first = await reopen(state)
  await first.add(sampleRecord({ id: 'a' }))
  await (await reopen(state, 2)).add(sampleRecord({ id: 'b' }))
  const vault = await reopen(state, 1, 'machine two')
  t.same(vault.broken, [
    { file: 'a.grant', reason: 'sealed on another machine' },
    { file: 'b.grant', reason: 'sealed with another key' },
  ])
  t.same(vault.list(), [])
})

t.test('a change the disk refused is written as soon as the disk takes it', async (t) => {
  const state = stateIn(t)
  const vault = await reopen(state)
  await vault.add(sampleRecord({ id: 'a' }, 'first'))
  // A directory in the place of the file: the rename fails for everybody, root too.
  const path = join(recordDirectory(state), 'a.grant')
  renameSync(path, join(state, 'aside'))
  mkdirSync(path)
  await t.rejects(vault.change('a', rotate), {
    code: 'vault_locked',
    message: 'the vault cannot be written: EISDIR',
  })
  await t.rejects(vault.flush(), { code: 'vault_locked' })
  t.equal(vault.open('a').refreshToken?.reveal(), 'token 2')
  rmdirSync(path)
  await vault.flush()
  t.same(readdirSync(recordDirectory(state)), ['a.grant'])
  await vault.close()
  t.equal((await reopen(state)).open('a').refreshToken?.reveal(), 'token 2')
})

t.test('closing saves what a failed write left behind', async (t) => {
  const state = stateIn(t)
  const vault = await reopen(state)
  await vault.add(sampleRecord({ id: 'a' }))
  const records = recordDirectory(state)
  renameSync(records, `${records}.away`)
  await t.rejects(vault.change('a', rotate), {
    message: 'the vault cannot be written: ENOENT',
  })
  renameSync(`${records}.away`, records)
  await vault.close()
  t.equal((await reopen(state)).get('a')?.generation, 2)
})

/** Changes one grant for ever, and says each generation once it is told that it is durable. */
const WRITER = `
  const at = (path) => import(new URL(path, process.argv[1]))
  const { createSealedVault } = await at('../../../daemon/vault/sealed-vault.js')
  const { SealingKey } = await at('../../../daemon/vault/sealing-key.js')
  const { vaultFiles } = await at('../../../daemon/vault/vault-files.js')
  const { rotate } = await at('./conformance.js')
  const state = process.argv[2]
  const key = new SealingKey('keychain', Buffer.alloc(32, 1), 'machine one')
  const files = vaultFiles(state)
  const vault = createSealedVault(files, key, await files.readRecords())
  for (;;) console.log((await vault.change('a', rotate)).generation)`

t.test('a daemon killed at any moment loses nothing it was told is durable', async (t) => {
  const state = stateIn(t)
  const first = await reopen(state)
  await first.add(sampleRecord({ id: 'a' }))
  await first.close()
  for (let round = 1; round <= 5; round++) {
    const args = ['--input-type=module', '-e', WRITER, import.meta.url, state]
    const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let told = 0
    const lines = createInterface(writer.stdout)
    lines.on('line', (line) => {
      told = Number(line)
      if (told % 10 === round) writer.kill('SIGKILL')
    })
    await once(lines, 'close')
    const vault = await reopen(state)
    t.same(vault.broken, [])
    const generation = vault.get('a')?.generation ?? 0
    t.ok(generation >= told && generation <= told + 1, `told ${told}, found ${generation}`)
    t.equal(vault.open('a').refreshToken?.reveal(), `token ${generation}`)
    t.same(readdirSync(recordDirectory(state)), ['a.grant'], 'and leaves nothing behind')
    await vault.close()
  }
})
