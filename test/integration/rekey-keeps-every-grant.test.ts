import t from 'tap'
import { everyGrantWorks, sealedFiles, severalGrants, unlock } from './several-grants.ts'
import { PASSPHRASE, startPassphraseWorld, vaultOf, withPassphrase } from './vault-commands.ts'
import { tokenOf } from './world.ts'

const NEXT = 'another long passphrase'

t.test('a new passphrase seals every grant anew, and the old one opens nothing', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await severalGrants(world)
  await everyGrantWorks(t, world)
  const before = sealedFiles(world)
  const { key_id } = await vaultOf(world)
  const [rekeyed, ...served] = await Promise.all([
    withPassphrase(world, NEXT, 'vault', 'rekey'),
    world.token({ grant: 'work' }),
    world.token({ grant: 'work', scope: 'repo:read' }),
    world.token({ grant: 'other' }),
  ])
  t.match(rekeyed, { status: 0, stdout: 'a new key seals 3 grants, kept by a passphrase\n' })
  for (const answer of served) tokenOf(answer)
  t.not((await vaultOf(world)).key_id, key_id)
  const after = sealedFiles(world)
  t.same([...after.keys()].sort(), [...before.keys()].sort(), 'the same records')
  for (const [name, bytes] of after) t.notOk(before.get(name)?.equals(bytes), 'in other bytes')
  await world.restart()
  t.equal(await unlock(world, PASSPHRASE), 5, 'the old passphrase')
  t.match(await vaultOf(world), { state: 'locked' })
  t.equal(await unlock(world, NEXT), 0)
  await everyGrantWorks(t, world)
  await world.run(['lock'])
  t.equal(await unlock(world, PASSPHRASE), 5, 'the old passphrase, after a lock')
  t.equal(await unlock(world, NEXT), 0)
  await everyGrantWorks(t, world)
  const [begun = '', done = ''] = world.auditLog().match(/.*"vault\.rekey[a-z_]*".*/g) ?? []
  t.match(JSON.parse(begun), { event: 'vault.rekey_begun', provider: 'passphrase', key_id })
  t.match(JSON.parse(done), { event: 'vault.rekeyed', provider: 'passphrase', records: 3 })
})
