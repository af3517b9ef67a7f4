import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sendDatagram } from '../../../daemon/platform/send-datagram.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'
import { needs, needsAll, needsLinux } from '../../needs.ts'

/** Reads one datagram; Node has no such socket. */
const READER = `
  use Socket;
  my $path = $ARGV[0]; $path =~ s/^@/\\0/;
  socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die;
  bind($socket, pack('S a*', AF_UNIX, $path)) or die "bind: $!";
  $| = 1; print "bound\\n";
  recv($socket, my $text, 4096, 0); print $text;`

async function heardAt(t: Test, path: string, text: string): Promise<string> {
  const reader = spawn('perl', ['-e', READER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => reader.kill())
  let heard = ''
  reader.stdout.setEncoding('utf8').on('data', (part: string) => {
    heard += part
  })
  await once(reader.stdout, 'data')
  sendDatagram(path, text)
  await once(reader, 'close')
  return heard
}

const options = needsAll(needsLinux(), needs('perl'))

t.test('a datagram arrives whole, at a path and at an abstract name', options, async (t) => {
  const path = join(shortDirectory(t), 's')
  t.equal(await heardAt(t, path, 'READY=1\nSTATUS=ö'), 'bound\nREADY=1\nSTATUS=ö')
  t.equal(await heardAt(t, `@grantd-test-${process.pid}`, 'WATCHDOG=1'), 'bound\nWATCHDOG=1')
})

t.test('where nobody reads it is an error of the system', needsLinux(), async (t) => {
  const nowhere = join(shortDirectory(t), 's')
  t.throws(() => sendDatagram(nowhere, ''), { message: 'sendto: ENOENT' })
  t.throws(() => sendDatagram('/dev/null', ''), { message: 'sendto: ECONNREFUSED' })
})
