import fc from 'fast-check'
import t from 'tap'
import {
  argumentRoom,
  assuanCommand,
  terminalOptions,
} from '../../../daemon/consent/assuan-command.ts'

t.test('an argument stays on its line', async (t) => {
  t.equal(assuanCommand('CONFIRM'), 'CONFIRM\n')
  t.equal(assuanCommand('SETDESC', 'a\nb 100%\r'), 'SETDESC a%0Ab 100%25%0D\n')
})

t.test('what cannot be one line is a mistake of ours', async (t) => {
  for (const argument of ['\0', '\x1b', '\u00e4', 'x'.repeat(argumentRoom('SETDESC') + 1)])
    t.throws(() => assuanCommand('SETDESC', argument), TypeError)
  t.throws(() => assuanCommand('setdesc\nCONFIRM'), TypeError)
  t.equal(assuanCommand('SETDESC', 'x'.repeat(argumentRoom('SETDESC'))).length, 1_001)
})

t.test('only a path of a terminal gets to the program', async (t) => {
  t.same(terminalOptions('/dev/pts/3'), ['ttyname=/dev/pts/3', 'ttytype=xterm'])
  t.same(terminalOptions('/dev/tty2'), ['ttyname=/dev/tty2', 'ttytype=linux'])
  t.same(terminalOptions('/dev/ttyS0'), ['ttyname=/dev/ttyS0', 'ttytype=xterm'])
  for (const tty of [
    undefined,
    '',
    '/dev/pts/3\nCONFIRM',
    '/dev/pts/../sda',
    '/tmp/pts/3',
    'pts/3',
    '/dev/pts/3 x',
    '/dev/tty\n',
    '/dev/tty%0A',
  ])
    t.same(terminalOptions(tty), [], String(tty))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (tty) => terminalOptions(tty).length === 0))
})
