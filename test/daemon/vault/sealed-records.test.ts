import t from 'tap'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { fakeVault } from '../../fakes/fake-vault.ts'
import { rotate } from './conformance.ts'
import { sampleRecord } from './sample-records.ts'
import { FULL, NOT_WRITTEN, settled, vaultWith } from './slow-vault.ts'

t.test('nothing is seen of a grant or a change before it is durable', async (t) => {
  const { vault, writes } = await vaultWith('a')
  const changing = vault.change('a', rotate)
  const adding = vault.add(sampleRecord({ id: 'b' }))
  await settled()
  t.equal(vault.get('a')?.generation, 1)
  t.equal(vault.get('b'), undefined)
  for (const { pending } of writes) pending.end()
  await Promise.all([changing, adding])
  t.equal(vault.get('a')?.generation, 2)
  t.ok(vault.get('b'))
})

t.test('a grant whose write hangs makes no other grant wait', async (t) => {
  const { vault, writes } = await vaultWith('a', 'b')
  const stuck = vault.change('a', rotate)
  const other = vault.change('b', rotate)
  await settled()
  t.same(
    writes.map(({ id }) => id),
    ['a', 'b'],
  )
  writes[1]?.pending.end()
  t.equal((await other).generation, 2)
  writes[0]?.pending.end()
  await stuck
})

t.test('a change that throws still saves what was unsaved', async (t) => {
  const { vault, disk } = fakeVault()
  await vault.add(sampleRecord({ id: 'a' }))
  disk.failing = 2
  await t.rejects(vault.change('a', rotate), NOT_WRITTEN)
  const changedItsMind = (): never => {
    throw new RangeError('changed my mind')
  }
  await t.rejects(vault.change('a', changedItsMind), RangeError, 'also while the disk refuses')
  t.equal(disk.record('a')?.grant.generation, 1)
  await t.rejects(vault.change('a', changedItsMind), RangeError)
  t.equal(disk.record('a')?.grant.generation, 2)
})

t.test('closing says so when it loses something', async (t) => {
  const { vault, writes } = await vaultWith('a')
  const changing = vault.change('a', rotate)
  await settled()
  writes[0]?.pending.fail(FULL)
  await t.rejects(changing, NOT_WRITTEN)
  const closing = vault.close()
  await settled()
  writes[1]?.pending.fail(FULL)
  await t.rejects(closing, NOT_WRITTEN)
  t.same(vault.list(), [])
})

t.test('a grant that is on its way in when a rekey begins is sealed anew, too', async (t) => {
  const { vault, writes } = await vaultWith()
  const adding = vault.add(sampleRecord({ id: 'b' }, 'on its way'))
  await settled()
  vault.beginRekey(SealingKey.random('passphrase', 'machine one'))
  t.throws(() => vault.beginRekey(SealingKey.random('memory', 'machine one')), TypeError)
  const former = vault.former?.keyId
  const resealing = vault.reseal().then(() => 'resealed')
  const isDone = () => Promise.race([resealing, settled().then(() => 'waiting')])
  t.equal(await isDone(), 'waiting', 'for what was sealed before')
  while ((await isDone()) === 'waiting') for (const { pending } of writes) pending.end()
  await adding
  vault.endRekey()
  t.notSame(Buffer.from(vault.keyId, 'hex'), former)
  t.equal(vault.provider, 'passphrase')
  t.equal(vault.open('b').refreshToken?.reveal(), 'on its way')
})

t.test('a broken record is not overwritten', async (t) => {
  const { vault } = await vaultWith()
  await t.rejects(vault.add(sampleRecord({ id: 'broken' })), TypeError)
  t.same(vault.broken, [{ file: 'broken.grant', reason: 'damaged' }])
})
