import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { shortDirectory } from '../fakes/short-directory.ts'
import { COMMAND, startCommand } from './command.ts'

const linuxOnly = { skip: process.platform === 'linux' ? false : 'needs /proc' }

/** A daemon that may have so many files open, and the home it runs in. */
async function serveWithin(t: Test, descriptors: number) {
  const directory = shortDirectory(t)
  mkdirSync(join(directory, 'run'), { mode: 0o700 })
  mkdirSync(join(directory, '.config', 'grantd'), { recursive: true })
  const config = join(directory, '.config', 'grantd', 'config.toml')
  writeFileSync(config, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  const environment = {
    PATH: process.env['PATH'],
    HOME: directory,
    XDG_RUNTIME_DIR: join(directory, 'run'),
  }
  const program = `ulimit -n ${descriptors} && exec "$@"`
  const command = [process.execPath, COMMAND, 'serve']
  const child = spawn('sh', ['-c', program, 'sh', ...command], { env: environment })
  let output = ''
  const listening = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('"listening"')) resolve()
    })
  })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  await Promise.race([listening, ended])
  const run = async (...args: string[]) =>
    await startCommand(args, { environment, directory }).ended
  const sockets = ['broker', 'admin'].map((name) =>
    join(directory, 'run', 'grantd', `${name}.sock`),
  )
  return { output: () => output, exit: () => child.exitCode, run, sockets }
}

t.test('one process cannot take the descriptors of all', linuxOnly, async (t) => {
  const daemon = await serveWithin(t, 256)
  const taken: Socket[] = []
  t.teardown(() => taken.forEach((socket) => void socket.destroy()))
  for (let i = 0; i < 150; i++) {
    const socket = connect(daemon.sockets[i % 2] ?? '')
    socket.on('error', () => undefined)
    socket.resume()
    await once(socket, 'connect')
    taken.push(socket)
  }
  const deadline = Date.now() + 20_000
  const open = (): number => taken.filter((socket) => !socket.closed).length
  while (open() > 16 && Date.now() < deadline) await new Promise((r) => setTimeout(r, 20))
  t.equal(open(), 16, 'a quarter of 64, over both listeners')
  const asked = await daemon.run('status', '--json')
  t.equal(asked.status, 0, asked.stderr)
  const { connections } = JSON.parse(asked.stdout) as Status
  t.match(connections, { open: 17, refused_peers: 134 }, 'another process is served')
})

t.test('a limit that is too low is told at the start', linuxOnly, async (t) => {
  const daemon = await serveWithin(t, 100)
  t.equal(daemon.exit(), 1)
  t.match(daemon.output(), /^grantd: only 100 files may be open at once; 256 are needed\nhint: /)
})
