import fc from 'fast-check'
import t from 'tap'
import { terminalPath } from '../../../daemon/peer/terminal-path.ts'

function device(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & 0xfff00) << 12)) >>> 0
}

t.test('pseudo terminals, consoles and serial lines have their usual paths', async (t) => {
  const table: readonly (readonly [number, string | undefined])[] = [
    [34_819, '/dev/pts/3'],
    [device(136, 300), '/dev/pts/300'],
    [device(136, 1_048_575), '/dev/pts/1048575'],
    [device(137, 5), '/dev/pts/261'],
    [device(143, 0), '/dev/pts/1792'],
    [device(4, 1), '/dev/tty1'],
    [device(4, 64), '/dev/ttyS0'],
    [device(144, 0), undefined],
    [device(135, 0), undefined],
    [device(5, 1), undefined],
    [0, undefined],
  ]
  for (const [number, path] of table) t.equal(terminalPath(number), path, String(number))
})

t.test('no number makes anything but a path of a terminal', async () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), (number) =>
      /^(?:undefined|\/dev\/(?:pts\/|tty|ttyS)\d+)$/.test(String(terminalPath(number))),
    ),
  )
})
