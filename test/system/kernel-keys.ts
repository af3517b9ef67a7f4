import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { kernelKeyring } from '../../daemon/platform/kernel-keyring.ts'
import { readPin } from '../../daemon/vault/pin.ts'
import type { World } from '../integration/world.ts'

/** The keyring of this kernel. */
export const KEYRING = kernelKeyring(process.platform, process.arch)

/** Options of a test that needs it; containers often refuse its calls. */
export const KERNEL_KEYRING = { skip: whyNot() }

/** Where the key of a world lies. */
export function kernelKeyOf({ directory }: World): string {
  const pin = readPin(readFileSync(join(directory, 'state', 'grantd', 'sealing-key.pin')))
  if (pin === 'damaged') throw new Error('the pin is damaged')
  return `grantd:sealing-key:${pin.keyId.toString('hex')}`
}

/** Removes the key a world has now when the test ends. */
export function forgetKernelKey(t: Test, world: World): string {
  const key = kernelKeyOf(world)
  t.teardown(() => KEYRING.remove(key))
  return key
}

function whyNot(): string | false {
  try {
    KEYRING.get('grantd:test:none')
    return false
  } catch (error) {
    return `needs a kernel keyring: ${(error as Error).message}`
  }
}
