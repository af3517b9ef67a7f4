import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { COMMAND } from '../integration/command.ts'
import { startWorld } from '../integration/world.ts'
import { needsNamespaces, OWN_PIDS, UNSHARE } from './namespaces.ts'

/** Asks for what its arguments say; prints the answer, or how many bytes came. */
const CLIENT = `
  const [socketPath, method, path, body] = process.argv.slice(1)
  let text = ''
  const headers = { host: 'grantd', 'grantd-client': 'test/1' }
  if (body) Object.assign(headers, { 'content-type': 'application/json', 'content-length': body.length })
  const request = require('node:http').request({ socketPath, method, path, headers, agent: false })
  request.on('error', () => process.stdout.write('nothing'))
  request.on('response', (response) => {
    response.on('data', (part) => { text += part })
    response.on('end', () => process.stdout.write(response.statusCode + ' ' + text))
  })
  request.end(body)
`

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await once(child, 'close')
  return text
}

/** Asks from namespaces that the arguments name, as the same uid. */
async function askFrom(launcher: readonly string[], ...args: string[]): Promise<string> {
  const [program = '', ...rest] = [...launcher, process.execPath, '-e', CLIENT, ...args]
  return await outputOf(program, rest)
}

const TOKEN = ['POST', '/v1/token', '{"grant":"work"}']
const STATUS = ['GET', '/v1/status']
const HEALTH = ['GET', '/v1/health']

t.test('the same uid in another namespace gets nothing', needsNamespaces(), async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const { broker, admin } = world.sockets
  t.match(await askFrom(['env'], broker, ...TOKEN), /^200 /, 'beside the daemon it has')
  const elsewhere: Readonly<Record<string, readonly string[]>> = {
    'a pid namespace': [...UNSHARE, '--pid', '--fork'],
    'a pid namespace with its own /proc': [...UNSHARE, ...OWN_PIDS],
    'a mount namespace': [...UNSHARE, '--mount'],
    'a user namespace': ['unshare', '--user', '--map-root-user'],
    'a user namespace without a mapping': ['unshare', '--user'],
  }
  for (const [what, launcher] of Object.entries(elsewhere)) {
    const before = world.auditLog().length
    t.match(await askFrom(launcher, broker, ...TOKEN), /^403 .*"unauthorized_peer"/, what)
    t.match(await askFrom(launcher, admin, ...STATUS), /^403 .*"unauthorized_peer"/, what)
    t.match(
      world.auditLog().slice(before),
      /"token.denied","peer":\{[^{]*"class":"container"/,
      what,
    )
  }
})

t.test('a caller without a pid here gets not a byte', needsNamespaces('nsenter'), async (t) => {
  const world = await startWorld({ launcher: [...UNSHARE, ...OWN_PIDS] })
  t.teardown(async () => {
    // whoever made the namespace waits for its end, whatever the signal
    await world.kill()
    await world.close()
  })
  for (const path of [world.sockets.broker, world.sockets.admin])
    t.equal(await askFrom(['env'], path, ...HEALTH), 'nothing')
  t.match(world.output(), /"unknown_peer"/, 'it is logged')
  t.match(world.auditLog(), /"peer.refused","peer":\{[^{]*"pid":0,.*"unknown_peer/, 'and on record')

  const unshare = world.daemonPid()
  const [pid = ''] = readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').split(' ')
  t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), COMMAND)
  const user = UNSHARE.includes('--user') ? ['--user', '--preserve-credentials'] : []
  const beside = ['nsenter', '--target', pid, ...user, '--pid', '--mount']
  t.match(
    await askFrom(beside, world.sockets.broker, ...HEALTH),
    /^200 /,
    'those inside are served',
  )
})
