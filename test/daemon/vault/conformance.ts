import type { Test } from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { type GrantRecord, wipeRecord } from '../../../daemon/grant/grant-record.ts'
import type { Vault } from '../../../daemon/vault/vault.ts'
import { readable, sampleGrant, sampleRecord } from './sample-records.ts'

/** What every vault keeps to, whatever it is stored in. */
export function vaultConformance(t: Test, open: (t: Test) => Promise<Vault>): void {
  t.test('what was added comes back', async (t) => {
    const vault = await open(t)
    const record = sampleRecord()
    await vault.add(record)
    t.same(readable(vault.open(record.grant.id)), readable(record))
    t.same(vault.get(record.grant.id), record.grant)
    t.same(vault.list(), [record.grant])
  })

  t.test('nothing of what was handed in is kept', async (t) => {
    const vault = await open(t)
    const record = sampleRecord({}, 'first')
    const adding = vault.add(record)
    wipeRecord(record)
    await adding
    t.equal(vault.open(record.grant.id).refreshToken?.reveal(), 'first')
  })

  t.test('an opened record is a copy to wipe', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }, 'first'))
    wipeRecord(vault.open('a'))
    t.equal(vault.open('a').refreshToken?.reveal(), 'first')
  })

  t.test('grants are listed in the order of their creation', async (t) => {
    const vault = await open(t)
    for (const [id, createdAt] of [
      ['b', 2],
      ['c', 3],
      ['a', 1],
    ] as const)
      await vault.add(sampleRecord({ id, createdAt }))
    await vault.change('c', (record) => ({ grant: { ...record.grant, generation: 2 } }))
    t.same(
      vault.list().map(({ id }) => id),
      ['a', 'b', 'c'],
    )
  })

  t.test('a change is seen by all when it is done', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }, 'first'))
    const grant = await vault.change('a', rotate)
    t.equal(grant.generation, 2)
    t.same(vault.get('a'), grant)
    t.same(vault.list(), [grant])
    const { refreshToken, previousRefreshToken } = vault.open('a')
    t.same([refreshToken?.reveal(), previousRefreshToken?.reveal()], ['token 2', 'first'])
  })

  t.test('a change does not see itself before it is durable', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }, 'first'))
    const changing = vault.change('a', rotate)
    t.equal(vault.get('a')?.generation, 1)
    t.equal(vault.open('a').refreshToken?.reveal(), 'first')
    await changing
  })

  t.test('changes to one grant come one after the other', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    await Promise.all(Array.from({ length: 20 }, () => vault.change('a', rotate)))
    t.equal(vault.get('a')?.generation, 21)
    t.equal(vault.open('a').previousRefreshToken?.reveal(), 'token 20')
  })

  t.test('a change that throws leaves everything as it was, and stops nobody', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    const refused = vault.change('a', () => {
      throw new RangeError('changed my mind')
    })
    const next = vault.change('a', rotate)
    await t.rejects(refused, { message: 'changed my mind' })
    t.equal((await next).generation, 2)
  })

  t.test('the record that a change was given is wiped after it', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }, 'first'))
    let given: GrantRecord | undefined
    await vault.change('a', (record) => {
      given = record
      return record
    })
    t.throws(() => given?.refreshToken?.reveal(), TypeError)
    t.equal(vault.open('a').refreshToken?.reveal(), 'first')
  })

  t.test('a secret that a change brought stays with whoever brought it', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    const refreshToken = Secret.fromText('second')
    await vault.change('a', (record) => ({ ...record, refreshToken }))
    t.equal(refreshToken.reveal(), 'second')
  })

  t.test('a tombstone has no secrets left', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    await vault.change('a', ({ grant }) => ({ grant }))
    t.same(vault.open('a'), { grant: sampleGrant({ id: 'a' }) })
  })

  t.test('a grant is removed once, for good', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    await vault.add(sampleRecord({ id: 'b' }))
    await vault.remove('a')
    await vault.remove('a')
    t.equal(vault.get('a'), undefined)
    t.same(
      vault.list().map(({ id }) => id),
      ['b'],
    )
    await vault.add(sampleRecord({ id: 'a' }))
    t.ok(vault.get('a'))
  })

  t.test('what is not there is not there', async (t) => {
    const vault = await open(t)
    t.same(vault.list(), [])
    t.equal(vault.get('a'), undefined)
    t.throws(() => vault.open('a'), { code: 'unknown_grant' })
    await t.rejects(vault.change('a', rotate), { code: 'unknown_grant' })
  })

  t.test('an id is used once, never changes, and is a plain name', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    await t.rejects(vault.add(sampleRecord({ id: 'a' })), TypeError)
    await t.rejects(vault.add(sampleRecord({ id: '../b' })), TypeError)
    await t.rejects(
      vault.change('a', (record) => ({ ...record, grant: { ...record.grant, id: 'b' } })),
      TypeError,
    )
    t.same(vault.list(), [sampleGrant({ id: 'a' })])
  })

  t.test('when all is saved a flush changes nothing', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    await vault.flush()
    t.same(vault.list(), [sampleGrant({ id: 'a' })])
    t.same(vault.broken, [])
  })

  t.test('closing waits for what was begun, and then there is nothing', async (t) => {
    const vault = await open(t)
    await vault.add(sampleRecord({ id: 'a' }))
    const changing = vault.change('a', rotate)
    await vault.close()
    t.equal((await changing).generation, 2)
    t.same(vault.list(), [])
    t.equal(vault.get('a'), undefined)
    const closed = { code: 'vault_locked' }
    t.throws(() => vault.open('a'), closed)
    await t.rejects(vault.add(sampleRecord({ id: 'b' })), closed)
    await t.rejects(vault.change('a', rotate), closed)
    await t.rejects(vault.remove('a'), closed)
    await vault.close()
  })
}

/** A rotation: the next generation, and a token named after it. */
export function rotate(record: GrantRecord): GrantRecord {
  const generation = record.grant.generation + 1
  return {
    grant: { ...record.grant, generation },
    refreshToken: Secret.fromText(`token ${generation}`),
    ...(record.refreshToken && { previousRefreshToken: record.refreshToken }),
  }
}
