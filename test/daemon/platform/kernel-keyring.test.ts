import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { kernelKeyring } from '../../../daemon/platform/kernel-keyring.ts'
import { KERNEL_KEYRING } from '../../system/kernel-keys.ts'

const keyring = kernelKeyring(process.platform, process.arch)

/** Containers often refuse the calls; then there is nothing to test but that it is said. */
/** A description of its own, gone when the test ends. */
function description(t: Test): string {
  const name = `grantd:test:${randomBytes(8).toString('hex')}`
  t.teardown(() => keyring.remove(name))
  return name
}

t.test('what the kernel keeps comes back, and can be replaced', KERNEL_KEYRING, async (t) => {
  const name = description(t)
  const first = randomBytes(32)
  t.equal(keyring.get(name), undefined)
  keyring.put(name, first)
  t.same(keyring.get(name), first)
  const second = randomBytes(32)
  keyring.put(name, second)
  t.same(keyring.get(name), second)
  t.not(keyring.get(name), keyring.get(name), 'each time a copy')
})

t.test('what is removed is gone, and can be kept again', KERNEL_KEYRING, async (t) => {
  const name = description(t)
  keyring.put(name, randomBytes(32))
  t.equal(keyring.remove(name), true)
  t.equal(keyring.get(name), undefined)
  t.equal(keyring.remove(name), false)
  const again = randomBytes(32)
  keyring.put(name, again)
  t.same(keyring.get(name), again)
})

t.test(
  'whoever does not possess the key may only see that it is there',
  KERNEL_KEYRING,
  async (t) => {
    const name = description(t)
    keyring.put(name, randomBytes(32))
    const line = readFileSync('/proc/keys', 'utf8')
      .split('\n')
      .find((each) => each.includes(name))
    t.match(line, / 3f010000 /)
  },
)

t.test('a secret too long to be one of ours is refused, not cut', KERNEL_KEYRING, async (t) => {
  const name = description(t)
  keyring.put(name, randomBytes(65))
  t.throws(() => keyring.get(name), { name: 'SystemCallError', message: 'keyctl read: EMSGSIZE' })
})

t.test('what the kernel refuses is told by its call', KERNEL_KEYRING, async (t) => {
  t.throws(() => keyring.put(`grantd:test:${'x'.repeat(5000)}`, randomBytes(32)), {
    message: 'add_key: EINVAL',
  })
  t.throws(() => keyring.put(description(t), randomBytes(40_000)), { message: /^add_key: / })
})

for (const [platform, architecture] of [
  ['darwin', 'arm64'],
  ['linux', 'mips'],
] as const)
  t.test(`on ${platform} ${architecture} there is none, and it says so`, async (t) => {
    const none = kernelKeyring(platform, architecture)
    const refused = { name: 'SystemCallError', message: 'keyctl: ENOSYS' }
    t.throws(() => none.get('a'), refused)
    t.throws(() => none.put('a', Buffer.alloc(1)), refused)
    t.throws(() => none.remove('a'), refused)
  })
