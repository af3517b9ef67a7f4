import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { kernelKeyring } from '../../daemon/platform/kernel-keyring.ts'
import { readPin } from '../../daemon/vault/pin.ts'
import type { World } from '../integration/world.ts'
import { missing, type Needs } from '../needs.ts'

/** The keyring of this kernel. */
export const KEYRING = kernelKeyring(process.platform, process.arch)

/** Options of a test that needs it; containers often refuse its calls. */
export const KERNEL_KEYRING = whetherThere()

/** Where the key of a world lies. */
export function kernelKeyOf({ directory }: World): string {
  const pin = readPin(readFileSync(join(directory, 'state', 'grantd', 'sealing-key.pin')))
  if (pin === 'damaged') throw new Error('the pin is damaged')
  return descriptionOf(pin.keyId.toString('hex'))
}

/** Removes the key a world has now when the test ends. */
export function forgetKernelKey(t: Test, world: World): string {
  const key = kernelKeyOf(world)
  t.teardown(() => KEYRING.remove(key))
  return key
}

/** True while the kernel keeps the sealing key of that id. */
export function keyringHolds(keyId: string): boolean {
  const bytes = KEYRING.get(descriptionOf(keyId))
  bytes?.fill(0)
  return bytes !== undefined
}

/** Takes back what a test that failed half-way left in the kernel. */
export function forgetKeyringKey(keyId: string): void {
  KEYRING.remove(descriptionOf(keyId))
}

function descriptionOf(keyId: string): string {
  return `grantd:sealing-key:${keyId}`
}

function whetherThere(): Needs {
  const probe = `grantd:test:${process.pid}`
  try {
    KEYRING.put(probe, Buffer.alloc(32))
    KEYRING.remove(probe)
    return { skip: false }
  } catch (error) {
    return missing(`needs the kernel's keyring: ${(error as Error).message}`)
  }
}
