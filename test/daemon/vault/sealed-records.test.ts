import t from 'tap'
import { type RecordStorage, SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { rotate } from './conformance.ts'
import { type Pending, pending } from './pending.ts'
import { sampleRecord } from './sample-records.ts'

/** A storage whose every write ends, one way or the other, when the test says so. */
class SlowStorage implements RecordStorage {
  readonly writes: { readonly id: string; readonly pending: Pending }[] = []

  async write(id: string): Promise<void> {
    const slow = pending()
    this.writes.push({ id, pending: slow })
    await slow.work()
  }

  async remove(): Promise<void> {
    throw new Error('not now')
  }
}

/** Lets everything that can go on go on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

async function vaultWith(
  ...ids: string[]
): Promise<{ vault: SealedRecords; writes: SlowStorage['writes'] }> {
  const storage = new SlowStorage()
  const vault = new SealedRecords({
    kind: 'sealed',
    key: SealingKey.random('memory', 'machine one'),
    storage,
    found: [],
    broken: [{ file: 'broken.grant', reason: 'damaged' }],
  })
  for (const id of ids) {
    const adding = vault.add(sampleRecord({ id }))
    await settled()
    storage.writes.pop()?.pending.end()
    await adding
  }
  return { vault, writes: storage.writes }
}

const FULL = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
const NOT_WRITTEN = { code: 'vault_locked', message: 'the vault cannot be written: ENOSPC' }

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

t.test('a change that cannot be written stays in memory and is written first', async (t) => {
  const { vault, writes } = await vaultWith('a')
  const changing = vault.change('a', rotate)
  await settled()
  writes[0]?.pending.fail(FULL)
  await t.rejects(changing, NOT_WRITTEN)
  t.equal(vault.get('a')?.generation, 2, 'the successor exists nowhere else')
  t.equal(vault.open('a').refreshToken?.reveal(), 'token 2')

  let seen = 0
  const next = vault.change('a', (record) => {
    seen = record.grant.generation
    return rotate(record)
  })
  await settled()
  t.equal(seen, 0, 'nothing new happens before the old is safe')
  writes[1]?.pending.end()
  await settled()
  t.equal(seen, 2)
  writes[2]?.pending.end()
  t.equal((await next).generation, 3)
  t.equal(writes.length, 3)
})

t.test('while the old cannot be written nothing new happens', async (t) => {
  const { vault, writes } = await vaultWith('a')
  for (const round of [0, 1]) {
    const changing = vault.change('a', rotate)
    await settled()
    writes[round]?.pending.fail(FULL)
    await t.rejects(changing, NOT_WRITTEN)
  }
  t.equal(vault.get('a')?.generation, 2)
})

t.test('a flush writes what is unsaved, and only that', async (t) => {
  const { vault, writes } = await vaultWith('a', 'b')
  const changing = vault.change('a', rotate)
  await settled()
  writes[0]?.pending.fail(FULL)
  await t.rejects(changing, NOT_WRITTEN)
  const flushing = vault.flush()
  await settled()
  t.same(
    writes.map(({ id }) => id),
    ['a', 'a'],
  )
  writes[1]?.pending.end()
  await flushing
  await vault.flush()
  t.equal(writes.length, 2)
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

t.test('a grant that cannot be written is not added', async (t) => {
  const { vault, writes } = await vaultWith()
  const adding = vault.add(sampleRecord({ id: 'a' }))
  await settled()
  writes[0]?.pending.fail(FULL)
  await t.rejects(adding, NOT_WRITTEN)
  t.equal(vault.get('a'), undefined)
})

t.test('a grant that cannot be removed stays', async (t) => {
  const { vault } = await vaultWith('a')
  await t.rejects(vault.remove('a'), {
    code: 'vault_locked',
    message: 'the vault cannot be written: unknown error',
  })
  t.ok(vault.get('a'))
})

t.test('a broken record is not overwritten', async (t) => {
  const { vault } = await vaultWith()
  await t.rejects(vault.add(sampleRecord({ id: 'broken' })), TypeError)
  t.same(vault.broken, [{ file: 'broken.grant', reason: 'damaged' }])
})
