import t from 'tap'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import { RecordShelf, type RecordStorage } from '../../../daemon/vault/record-shelf.ts'
import type { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { fakeVault } from '../../fakes/fake-vault.ts'
import { rotate } from './conformance.ts'
import { CANARY, sampleGrant, sampleRecord } from './sample-records.ts'
import { FULL, NOT_WRITTEN, settled, vaultWith } from './slow-vault.ts'

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

t.test('what was found counts as saved, and what is not there is nobody’s work', async (t) => {
  const asked: string[] = []
  const storage: RecordStorage = {
    write: async (id) => void asked.push(`write ${id}`),
    remove: async (id) => void asked.push(`remove ${id}`),
  }
  const sealed = Buffer.from('sealed')
  const grants = [2, 1].map((createdAt) => sampleGrant({ id: `g${createdAt}`, createdAt }))
  const shelf = new RecordShelf(
    storage,
    grants.map((grant) => ({ grant, sealed })),
  )
  t.equal(shelf.unsaved, 0)
  for (const id of ['g1', 'g2', 'g3']) await shelf.save(id)
  await shelf.remove('g3')
  t.same(asked, [], 'the storage is asked for nothing')
  const listed = shelf.list()
  t.same(listed, grants.toReversed(), 'in the order of their creation')
  t.equal(shelf.list(), listed, 'made once')
  await shelf.remove('g1')
  t.same(shelf.list(), grants.slice(0, 1))
  await shelf.replace({ grant: sampleGrant({ id: 'g2', generation: 7 }), sealed })
  t.equal(shelf.list()[0]?.generation, 7)
  t.same(asked, ['remove g1', 'write g2'])
  shelf.clear()
  t.same([...shelf.ids(), ...shelf.list()], [])
  t.equal(shelf.get('g2'), undefined)
})
