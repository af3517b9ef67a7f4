import t from 'tap'
import {
  type BlockDevice,
  parseSwaps,
  type SwapStore,
  storeOf,
} from '../../../cli/doctor/swap-space.ts'

/** As the kernel prints it. */
const SWAPS = `Filename				Type		Size		Used		Priority
/dev/dm-1                               partition	8388604		0		-2
/swap\\040file\\040(1)                     file		2097148		12		-3
`

t.test('the spaces that the kernel names', async (t) => {
  t.same(parseSwaps(SWAPS), [
    { path: '/dev/dm-1', type: 'partition' },
    { path: '/swap file (1)', type: 'file' },
  ])
  t.same(parseSwaps('Filename\tType\n'), [])
  t.same(parseSwaps(''), [])
})

const SDA: BlockDevice = { name: 'sda2', lowers: [] }
const CRYPT: BlockDevice = { name: 'dm-0', mapping: 'CRYPT-LUKS2-5eed-swap', lowers: [SDA] }
const over = (...lowers: BlockDevice[]): BlockDevice => ({
  name: 'dm-1',
  mapping: 'LVM-vg-swap',
  lowers,
})

t.test('what becomes of memory that is written there', async (t) => {
  const cases: readonly [string, BlockDevice | undefined, SwapStore][] = [
    ['a disk', SDA, 'plain'],
    ['dm-crypt', CRYPT, 'encrypted'],
    ['a volume on dm-crypt', over(CRYPT), 'encrypted'],
    ['a volume on a disk', over(SDA), 'plain'],
    ['a volume on both', over(CRYPT, SDA), 'plain'],
    ['a volume on nothing', over(), 'plain'],
    ['compressed memory', { name: 'zram0', lowers: [] }, 'memory'],
    ['nobody knows', undefined, 'unknown'],
  ]
  for (const [what, device, store] of cases) t.equal(storeOf(device), store, what)
})
