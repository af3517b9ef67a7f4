import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { listenOn } from '../../../daemon/listener/listen-on.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'
import { needs } from '../../needs.ts'

const MODULE = new URL('../../../daemon/listener/listen-on.js', import.meta.url).href

/** Binds like a service manager, and becomes the program that is named. */
const MANAGER = `
  use Socket;
  $^F = 10;
  socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die;
  bind($socket, pack_sockaddr_un(shift @ARGV)) or die "bind: $!";
  listen($socket, 5) or die;
  push @ARGV, fileno($socket);
  exec { $ARGV[0] } @ARGV;`

const SERVER = `
  import { createServer } from 'node:net'
  import { listenOn } from ${JSON.stringify(MODULE)}
  const [path, fd] = process.argv.slice(1)
  const server = createServer((socket) => {
    socket.end('served')
    server.close()
  })
  await listenOn(server, { fd: Number(fd), path })`

t.test(
  'whoever connects to what another has bound is served, and its file stays',
  needs('perl'),
  async (t) => {
    const path = join(shortDirectory(t), 's')
    const node = [process.execPath, '--input-type=module', '-e', SERVER, path]
    const server = spawn('perl', ['-e', MANAGER, path, ...node], { stdio: 'inherit' })
    while (!existsSync(path)) await pause(5)
    // before it listens, for all we know: then it waits
    const client = connect(path).setEncoding('utf8')
    const [text] = (await once(client, 'data')) as [string]
    t.equal(text, 'served')
    const [status] = await once(server, 'exit')
    t.equal(status, 0)
    t.ok(existsSync(path))
  },
)

t.test('what is no socket cannot be listened on', async (t) => {
  const path = join(shortDirectory(t), 's')
  await t.rejects(listenOn(createServer(), { fd: 0, path }), {
    name: 'StartupError',
    message: /^cannot listen at ".*": E[A-Z]+$/,
  })
})
