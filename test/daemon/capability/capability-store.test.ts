import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { capabilityStore } from '../../../daemon/capability/capability-store.ts'
import { formatCapability } from '../../../daemon/capability/capability-text.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'

const uid = process.getuid?.() ?? -1

t.test('what was written is read again, in files of our own, and goes when removed', async (t) => {
  const directory = join(t.testdir(), 'capabilities')
  const store = capabilityStore(directory, uid)
  t.same(await store.read(), { capabilities: [], broken: [] })
  const one = sampleCapability()
  await store.write(one)
  await store.write({ ...one, used: 1 })
  await store.write({ ...one, name: 'b' })
  t.equal(statSync(join(directory, 'ci.json')).mode & 0o777, 0o600)
  t.same(await store.read(), {
    capabilities: [
      { ...one, name: 'b' },
      { ...one, used: 1 },
    ],
    broken: [],
  })
  await store.remove('ci')
  t.match(await store.read(), { capabilities: [{ name: 'b' }] })
})

t.test('what is none of ours is broken by its name, and stops nothing', async (t) => {
  const directory = t.testdir()
  chmodSync(directory, 0o700)
  const store = capabilityStore(directory, uid)
  await store.write(sampleCapability())
  writeFileSync(join(directory, 'cut.json'), '{')
  writeFileSync(join(directory, 'other.json'), formatCapability(sampleCapability()))
  writeFileSync(join(directory, 'large.json'), ' '.repeat(65_537))
  mkdirSync(join(directory, 'dir.json'))
  symlinkSync('ci.json', join(directory, 'link.json'))
  writeFileSync(join(directory, 'readme'), 'not a capability')
  const { capabilities, broken } = await store.read()
  t.match(capabilities, [{ name: 'ci' }])
  t.same(broken, ['cut.json', 'dir.json', 'large.json', 'link.json', 'other.json'])
})

t.test('a directory that is open to others is not read', async (t) => {
  const directory = t.testdir()
  chmodSync(directory, 0o755)
  await t.rejects(capabilityStore(directory, uid).read(), { name: 'StartupError' })
})
