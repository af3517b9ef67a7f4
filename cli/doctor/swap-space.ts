/** One line of `/proc/swaps`. */
export interface SwapSpace {
  readonly path: string
  readonly type: 'partition' | 'file'
}

/** What becomes of memory that is written to swap. */
export type SwapStore = 'encrypted' | 'memory' | 'plain' | 'unknown'

/**
 * The spaces that the kernel swaps to.
 *
 * @param text Of `/proc/swaps`: a line of titles, then a line each; the kernel writes blanks in octal.
 */
export function parseSwaps(text: string): readonly SwapSpace[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name = '', type = ''] = line.split(/\s+/)
      if (name === '') return []
      const path = name.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      )
      return { path, type: type === 'file' ? 'file' : 'partition' }
    })
}

/** A block device, with those it lies on. */
export interface BlockDevice {
  /** As the kernel names it, such as `dm-0`. */
  readonly name: string
  /** Of the device mapper; it begins with who made it. */
  readonly mapping?: string
  readonly lowers: readonly BlockDevice[]
}

/** @see cryptsetup(8): every mapping of dm-crypt has a UUID that begins with `CRYPT-` */
export function storeOf(device: BlockDevice | undefined): SwapStore {
  if (device === undefined) return 'unknown'
  if (device.name.startsWith('zram')) return 'memory'
  if (device.mapping?.startsWith('CRYPT-') === true) return 'encrypted'
  const stores = device.lowers.map(storeOf)
  return stores.length > 0 && stores.every((store) => store === 'encrypted') ? 'encrypted' : 'plain'
}
