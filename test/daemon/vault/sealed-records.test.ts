import t from 'tap'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import { type RecordStorage, SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { fakeVault } from '../../fakes/fake-vault.ts'
import { rotate } from './conformance.ts'
import { type Pending, pending } from './pending.ts'
import { CANARY, sampleRecord } from './sample-records.ts'

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

t.test(
  'a change that cannot be written stays in memory, and the next begins with it',
  async (t) => {
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
    t.equal(seen, 2)
    t.equal(vault.get('a')?.generation, 2, 'seen by all once it is durable')
    writes[1]?.pending.end()
    t.equal((await next).generation, 3)
    await vault.flush()
    t.equal(writes.length, 2, 'one write saved both')
  },
)

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

/** What a refresh does before it sends anything. */
function intend(record: GrantRecord): GrantRecord {
  const event = { kind: 'exchange_begun', tokenHash: 'hash', at: 1 } as const
  return { ...record, grant: transition(record.grant, event) }
}

/** What it does when nothing was sent. */
function undo(record: GrantRecord): GrantRecord {
  return { ...record, grant: transition(record.grant, { kind: 'not_sent', generation: 1 }) }
}

/** What it does with a successor. */
function succeed(record: GrantRecord): GrantRecord {
  const event = { kind: 'rotated', generation: 1, at: 2, accessTokenExpiresAt: 3 } as const
  return { ...rotate(record), grant: transition(record.grant, event) }
}

t.test('intents that were never sent count for nothing, however long a disk refuses', async (t) => {
  const { vault, disk } = fakeVault()
  await vault.add(sampleRecord({ id: 'a' }))
  disk.failing = 99
  for (let round = 0; round < 3; round++) {
    await t.rejects(vault.change('a', intend), NOT_WRITTEN)
    t.match(vault.get('a')?.state, { kind: 'refreshing', intent: { attempt: 1 } })
    await t.rejects(vault.change('a', undo), NOT_WRITTEN)
    t.same(vault.get('a')?.state, { kind: 'active' }, 'undone, in memory at least')
  }
  disk.failing = 0
  await vault.flush()
  t.same(disk.record('a')?.grant.state, { kind: 'active' })
  t.equal(disk.record('a')?.refreshToken?.reveal(), CANARY)
})

const later: Readonly<Record<string, (vault: SealedRecords) => Promise<unknown>>> = {
  change: (vault) => vault.change('a', (record) => record),
  flush: (vault) => vault.flush(),
  close: (vault) => vault.close(),
}
for (const [name, write] of Object.entries(later)) {
  t.test(
    `a successor that comes to a broken disk is kept, and the next ${name} writes it`,
    async (t) => {
      const { vault, disk } = fakeVault()
      await vault.add(sampleRecord({ id: 'a' }))
      await vault.change('a', intend)
      disk.failing = 99
      // somebody asked for the same record meanwhile: it is unsaved when the successor comes
      await t.rejects(
        vault.change('a', (record) => record),
        NOT_WRITTEN,
      )
      await t.rejects(vault.change('a', succeed), NOT_WRITTEN)
      t.match(vault.get('a'), { generation: 2, state: { kind: 'active' } })
      t.equal(vault.open('a').refreshToken?.reveal(), 'token 2', 'it exists nowhere else')
      t.equal(disk.record('a')?.refreshToken?.reveal(), CANARY)
      disk.failing = 0
      await write(vault)
      t.equal(disk.record('a')?.refreshToken?.reveal(), 'token 2')
      t.equal(disk.record('a')?.previousRefreshToken?.reveal(), CANARY)
    },
  )
}

t.test('a flush writes what is unsaved, and only that', async (t) => {
  const { vault, writes } = await vaultWith('a', 'b')
  const changing = vault.change('a', rotate)
  await settled()
  writes[0]?.pending.fail(FULL)
  await t.rejects(changing, NOT_WRITTEN)
  t.equal(vault.unsaved, 1)
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
  t.equal(vault.unsaved, 0)
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
