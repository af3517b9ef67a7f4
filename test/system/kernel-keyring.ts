import { kernelKeyring } from '../../daemon/platform/kernel-keyring.ts'

const keyring = kernelKeyring(process.platform, process.arch)

/** Options of a test that keeps a key in the kernel's keyring, which containers often refuse. */
export const KERNEL_KEYRING: { readonly skip: string | false } = { skip: whyNot() }

/** True while the kernel keeps the sealing key of that id. */
export function keyringHolds(keyId: string): boolean {
  const bytes = keyring.get(descriptionOf(keyId))
  bytes?.fill(0)
  return bytes !== undefined
}

/** Takes back what a test that failed half-way left in the kernel. */
export function forgetKeyringKey(keyId: string): void {
  keyring.remove(descriptionOf(keyId))
}

function whyNot(): string | false {
  const probe = `grantd:test:${process.pid}`
  try {
    keyring.put(probe, Buffer.alloc(32))
    keyring.remove(probe)
    return false
  } catch (error) {
    return `needs the kernel's keyring: ${(error as Error).message}`
  }
}

function descriptionOf(keyId: string): string {
  return `grantd:sealing-key:${keyId}`
}
