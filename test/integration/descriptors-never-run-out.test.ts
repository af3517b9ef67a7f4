import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { shortDirectory } from '../fakes/short-directory.ts'
import { needsLinux } from '../needs.ts'
import { COMMAND, startCommand } from './command.ts'

const linuxOnly = needsLinux()

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
  const program = `unset NODE_OPTIONS; ulimit -n ${descriptors} && exec "$@"`
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
  const openFiles = () => readdirSync(`/proc/${child.pid}/fd`).length
  return { output: () => output, exit: () => child.exitCode, run, sockets, openFiles }
}

/** Opens many connections, more than it can keep, and keeps those it may; then says so. */
const CROWD = `
  const { connect } = require('node:net')
  const [path, count] = process.argv.slice(1)
  let begun = 0, ended = 0
  const next = () => {
    if (begun === Number(count)) return
    begun += 1
    attempt()
  }
  const attempt = () => {
    const socket = connect(path)
    // a full accept queue: the daemon has not even heard of it
    let isQueued = true
    socket.on('error', (error) => { isQueued = error.code !== 'EAGAIN' })
    // whoever is admitted hears nothing, whoever is not is cut off
    const settle = () => {
      clearTimeout(timer)
      if (!isQueued) return setTimeout(attempt, 5)
      if (++ended === Number(count)) process.stdout.write('all')
      next()
    }
    const timer = setTimeout(() => { socket.off('close', settle); settle() }, 1_000)
    socket.once('close', settle)
    socket.resume()
  }
  for (let i = 0; i < 300; i++) next()
`

/** A process that asks for so many connections; resolves when each was kept or refused. */
async function crowd(t: Test, path: string, count: number): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['-e', CROWD, path, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const leave = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  t.teardown(leave)
  await once(child.stdout, 'data')
  return leave
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

t.test('four greedy processes cannot take them either', linuxOnly, async (t) => {
  const daemon = await serveWithin(t, 256)
  const [broker = ''] = daemon.sockets
  await Promise.all([40, 40, 40, 40].map((count) => crowd(t, broker, count)))
  const asked = await daemon.run('status', '--json')
  t.equal(asked.status, 0, 'a fifth is served')
  const { connections, counters } = JSON.parse(asked.stdout) as Status
  t.ok(connections.open < 64, `${connections.open} of 64 are open`)
  t.ok((counters['refused_connections'] ?? 0) >= 160 - 64, 'each refusal is counted')
})

t.test('a limit that is too low is told at the start', linuxOnly, async (t) => {
  const daemon = await serveWithin(t, 200)
  t.equal(daemon.exit(), 1)
  t.match(daemon.output(), /^grantd: only 200 files may be open at once; 256 are needed\nhint: /)
})

t.test('ten thousand connections cost nobody anything for long', linuxOnly, async (t) => {
  const daemon = await serveWithin(t, 2_048)
  const status = async (): Promise<Status['connections']> => {
    const { stdout, stderr } = await daemon.run('status', '--json')
    if (stdout === '') throw new Error(stderr)
    return (JSON.parse(stdout) as Status).connections
  }
  const quiet = daemon.openFiles()
  const [broker = ''] = daemon.sockets
  const crowds = await Promise.all([4_000, 3_000, 3_000].map((count) => crowd(t, broker, count)))
  // (2048 - 128) / 2 connections in all, a quarter of them for one process
  const seen = await status()
  t.ok(seen.open <= 3 * 240 + 1, `${seen.open} are open`)
  // one that says nothing is cut off after 5 s, and another one has its place
  t.ok(seen.refused_peers > 5_000, `${seen.refused_peers} were refused`)
  t.ok(daemon.openFiles() <= quiet + 2 * 3 * 240 + 8, 'two descriptors for each that is kept')
  for (const leave of crowds) await leave()
  const deadline = Date.now() + 20_000
  while (daemon.openFiles() > quiet + 4 && Date.now() < deadline)
    await new Promise((r) => setTimeout(r, 20))
  t.match(await status(), { open: 1 }, 'nothing is left of them')
  t.ok(daemon.openFiles() <= quiet + 4)
})
