import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { assuanScript, promptProgram, UNTIL_ANSWERED } from '../fakes/prompt-programs.ts'
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

/** The head of a request; its body is awaited once this was looked at. */
const headOf = (body: string): string =>
  [
    'POST /v1/capabilities HTTP/1.1',
    'Host: grantd',
    'Grantd-Client: test/1',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    'Connection: close',
    '\r\n',
  ].join('\r\n')

/** Connects as perl, and asks as whatever comes after it; the answer. */
async function askAfter(world: World, ...next: string[]): Promise<string> {
  return await sayAfter(world.sockets.broker, [HEALTH, REQUEST], ...next)
}

/** @param said What perl says, and what is said after it. */
async function sayAfter(
  socket: string,
  [HEALTH, REQUEST]: readonly [string, string],
  ...next: string[]
): Promise<string> {
  const child = spawn('perl', ['-e', CONNECT, socket, ...next], {
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

t.test(
  'nor does the rest of a request that another program sends',
  needs('perl', 'bash'),
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    const body = '{"name":"ci","grant":"work"}'
    const say = (...next: string[]): Promise<string> =>
      sayAfter(world.sockets.admin, [headOf(body), body], ...next)
    // where it was refused by its head already, the body may cost the answer
    t.match(await say('/bin/bash', '-c', IN_SHELL), /^$|^HTTP\/1\.1 403 [\s\S]*"unauthorized_peer"/)
    const { body: none } = await world.ask('admin', 'GET', '/v1/capabilities')
    t.same(none, { capabilities: [] })
    t.match(JSON.parse(world.auditLog().trim().split('\n').at(-1) ?? ''), {
      event: 'peer.refused',
      reason: 'unauthorized_peer',
      peer: { executable: /\/perl$/ },
    })
    t.match(await say(), /^HTTP\/1\.1 200 [\s\S]*"name":"ci"/, 'as it was when it connected')
  },
)

/** Asks twice, each time anew; then executes itself, and asks once more. */
const ASK_AND_GO_ON = `
  use Socket;
  $| = 1;
  my ($path, $isLast) = @ARGV;
  sub ask {
    socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die $!;
    connect($s, pack_sockaddr_un($path)) or die $!;
    syswrite $s, $ENV{REQUEST};
    print while <$s>;
  }
  ask();
  exit if $isLast;
  ask();
  exec $^X, '-e', $ENV{SCRIPT}, $path, 'last' or die $!;
`

t.test('nor does a yes count for what a process executes next', needs('perl'), async (t) => {
  const prompt = promptProgram(t, assuanScript(UNTIL_ANSWERED))
  const config = `[vault]
sealing_key = "memory"
[consent]
pinentry = "${prompt.path}"
[[rule]]
name = "ask"
effect = "allow"
class = "local"
consent = "once"
`
  const world = await startWorld({ config })
  t.teardown(() => world.close())
  await world.login()
  const child = spawn('perl', ['-e', ASK_AND_GO_ON, world.sockets.broker], {
    env: { PATH: process.env['PATH'], REQUEST, SCRIPT: ASK_AND_GO_ON },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const closed = once(child, 'close')
  await prompt.whenAsked()
  prompt.answer('OK')
  await Promise.race([prompt.whenAsked(2), closed])
  prompt.answer('ERR 83886179 Operation cancelled')
  await closed
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  t.same(statuses, ['200', '200', '403'])
  t.match(text, '"consent_denied"')
  t.equal(prompt.asked(), 2)
})
