import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { PLACES } from '../../../cli/doctor/places.ts'
import { numbersOf, readSystem } from '../../../cli/doctor/system-facts.ts'
import { needsLinux } from '../../needs.ts'

/** A kernel's own files, as far as they are given. */
function kernel(t: Test, files: Readonly<Record<string, string>>) {
  const base = mkdtempSync(join(tmpdir(), 'grantd-kernel-'))
  t.teardown(() => rmSync(base, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true })
    writeFileSync(join(base, path), text)
  }
  return { base, places: { ...PLACES, proc: join(base, 'proc'), sys: join(base, 'sys') } }
}

/** A link below `sys` to a device of it. */
function link(base: string, from: string, device: string): void {
  mkdirSync(dirname(join(base, 'sys', from)), { recursive: true })
  symlinkSync(join(base, 'sys/devices', device), join(base, 'sys', from))
}

t.test('a kernel that tells everything', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'grantd-swap-')), 'swapfile')
  t.teardown(() => rmSync(dirname(file), { recursive: true, force: true }))
  writeFileSync(file, '')
  const { base, places } = kernel(t, {
    'proc/sys/kernel/yama/ptrace_scope': '1\n',
    'proc/sys/kernel/core_pattern': '|/usr/lib/systemd/systemd-coredump %P\n',
    'proc/swaps': [
      'Filename Type Size Used Priority',
      '/nonexistent/dm-1 partition 1 0 -2',
      '/nonexistent/sda3 partition 1 0 -2',
      `${file} file 1 0 -3`,
      '/nonexistent/swapfile file 1 0 -3',
      '',
    ].join('\n'),
    'sys/devices/dm-1/dm/uuid': 'LVM-vg-swap\n',
    'sys/devices/dm-0/dm/uuid': 'CRYPT-LUKS2-5eed-root\n',
    'sys/devices/sda2/size': '1\n',
  })
  link(base, 'class/block/dm-1', 'dm-1')
  link(base, 'devices/dm-1/slaves/dm-0', 'dm-0')
  link(base, 'devices/dm-1/slaves/gone', 'gone')
  link(base, `dev/block/${numbersOf(statSync(file, { bigint: true }).dev)}`, 'sda2')
  t.same(await readSystem(places), {
    ptraceScope: '1',
    corePattern: '|/usr/lib/systemd/systemd-coredump %P',
    swaps: [
      { path: '/nonexistent/dm-1', type: 'partition', store: 'encrypted' },
      { path: '/nonexistent/sda3', type: 'partition', store: 'unknown' },
      { path: file, type: 'file', store: 'plain' },
      { path: '/nonexistent/swapfile', type: 'file', store: 'unknown' },
    ],
  })
})

t.test('a kernel that tells nothing', async (t) => {
  t.same(await readSystem(kernel(t, {}).places), {})
})

t.test('a device that lies on itself ends somewhere', async (t) => {
  const { base, places } = kernel(t, {
    'proc/swaps': 'Filename\n/nonexistent/dm-1 partition 1 0 -2\n',
    'sys/devices/dm-1/dm/uuid': 'LVM-vg-swap\n',
  })
  link(base, 'class/block/dm-1', 'dm-1')
  link(base, 'devices/dm-1/slaves/dm-1', 'dm-1')
  t.match(await readSystem(places), { swaps: [{ store: 'plain' }] })
})

t.test('numbers of devices', async (t) => {
  t.equal(numbersOf(0x0803n), '8:3')
  t.equal(numbersOf(0x1231_0345n), '259:74565', 'either may be large')
})

t.test('this machine', needsLinux(), async (t) => {
  t.match(await readSystem(PLACES), { corePattern: String, swaps: Array })
})
