import t from 'tap'
import { forgetKeyringKey, KERNEL_KEYRING, keyringHolds } from '../system/kernel-keys.ts'
import { everyGrantWorks, sealedFiles, severalGrants, unlock } from './several-grants.ts'
import { PASSPHRASE, startPassphraseWorld, vaultOf, withPassphrase } from './vault-commands.ts'
import { tokenOf } from './world.ts'

const NEXT = 'another long passphrase'

t.test(
  'a key moves to the kernel and back, and its old place forgets it',
  KERNEL_KEYRING,
  async (t) => {
    const world = await startPassphraseWorld()
    t.teardown(() => world.close())
    await severalGrants(world)
    const before = sealedFiles(world)
    const moved = await world.run(['vault', 'rekey', '--provider', 'kernel_keyring', '--json'])
    t.equal(moved.status, 0, moved.stderr)
    const { key_id = '' } = await vaultOf(world)
    t.teardown(() => forgetKeyringKey(key_id))
    t.equal(keyringHolds(key_id), true)
    await world.restart()
    await everyGrantWorks(t, world)
    await world.run(['lock'])
    await world.kill()
    await world.restart()
    t.match(
      await vaultOf(world),
      { state: 'locked', locked_by: 'person' },
      'its keeper could open it',
    )
    t.match(await world.token({ grant: 'work' }), { status: 423 })
    t.match(await world.run(['unlock']), { status: 0, stdout: 'unlocked, 3 grants\n' })
    await everyGrantWorks(t, world)
    const back = await withPassphrase(world, NEXT, 'vault', 'rekey', '--provider', 'passphrase')
    t.equal(back.status, 0, back.stderr)
    t.equal(keyringHolds(key_id), false, 'the kernel has forgotten it')
    for (const [name, bytes] of sealedFiles(world)) t.notOk(before.get(name)?.equals(bytes))
    await world.restart()
    t.match(await world.run(['unlock', '--passphrase-stdin'], PASSPHRASE), { status: 5 })
    t.equal(await unlock(world, NEXT), 0)
    await everyGrantWorks(t, world)
  },
)

t.test('sealed grants whose passphrase is lost are given up by who says so', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await severalGrants(world)
  await world.run(['lock'])
  const init = ['vault', 'init', '--provider', 'passphrase']
  const kept = await withPassphrase(world, NEXT, ...init)
  t.match(kept, { status: 2, stderr: /3 grants/ })
  t.equal(sealedFiles(world).size, 3)
  const given = await withPassphrase(world, NEXT, ...init, '--discard-sealed', '--yes')
  t.equal(given.status, 0, given.stderr)
  t.same(sealedFiles(world).size, 0)
  t.match(await world.token({ grant: 'work' }), { body: { code: 'unknown_grant' } })
  await world.login()
  await world.restart()
  t.equal(await unlock(world, NEXT), 0)
  tokenOf(await world.token({ grant: 'work' }))
})
