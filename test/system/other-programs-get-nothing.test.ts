import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { startWorld, type World } from '../integration/world.ts'
import { needs } from '../needs.ts'

/**
 * Connects, with a descriptor that outlives execve(2), asks for something harmless so that
 * the daemon has seen it, and becomes what its arguments say.
 */
const CONNECT = `
  use Socket;
  $^F = 255;
  my ($path, @next) = @ARGV;
  socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die $!;
  connect($s, pack_sockaddr_un($path)) or die $!;
  $ENV{SOCKET} = fileno $s;
  syswrite $s, $ENV{HEALTH};
  sysread($s, my $answer, 65536) or die $!;
  if (@next) { exec { $next[0] } @next or die $! }
  syswrite $s, $ENV{REQUEST};
  print while <$s>;
`

/** The same program with another script. */
const IN_PERL = `
  open(my $s, '+<&=', $ENV{SOCKET}) or die $!;
  syswrite $s, $ENV{REQUEST};
  print while <$s>;
`

const IN_SHELL = `eval "printf %s \\"\\$REQUEST\\" >&$SOCKET; cat <&$SOCKET"`

const BODY = '{"grant":"work"}'
const REQUEST = [
  'POST /v1/token HTTP/1.1',
  'Host: grantd',
  'Grantd-Client: test/1',
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
  'Connection: close',
  '',
  BODY,
].join('\r\n')

const HEALTH = 'GET /v1/health HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: test/1\r\n\r\n'

/** Connects as perl, and asks as whatever comes after it; the answer. */
async function askAfter(world: World, ...next: string[]): Promise<string> {
  const child = spawn('perl', ['-e', CONNECT, world.sockets.broker, ...next], {
    env: { PATH: process.env['PATH'], HEALTH, REQUEST },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await once(child, 'close')
  return text
}

t.test(
  'a process that executes another program gets nothing more',
  needs('perl', 'bash'),
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    t.match(await askAfter(world), /^HTTP\/1\.1 200 /, 'as it was when it connected')
    const denied = /^HTTP\/1\.1 403 [\s\S]*"unauthorized_peer"/
    t.match(await askAfter(world, '/bin/bash', '-c', IN_SHELL), denied, 'as another program')
    t.match(await askAfter(world, '/usr/bin/perl', '-e', IN_PERL), denied, 'as another script')
    const records = world.auditLog().trim().split('\n').slice(-2)
    for (const record of records)
      t.match(JSON.parse(record), {
        event: 'token.denied',
        reason: 'unauthorized_peer',
        peer: { executable: /\/perl$/ },
      })
  },
)
