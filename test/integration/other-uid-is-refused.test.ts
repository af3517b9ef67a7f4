import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { needsRoot } from '../needs.ts'
import { startWorld } from './world.ts'

/** Nobody's: no account of a Debian system has it. */
const OTHER_UID = 64_242

const CLIENT = `
  const socket = require('node:net').connect(process.argv[1])
  let bytes = 0
  socket.on('connect', () => process.stdout.write('connected '))
  socket.on('data', (part) => { bytes += part.length })
  socket.on('error', () => undefined)
  socket.on('close', () => process.stdout.write(bytes + ' bytes'))
  socket.write('GET /v1/health HTTP/1.1\\r\\nHost: grantd\\r\\nGrantd-Client: other/1\\r\\n\\r\\n')
`

/** Asks from a process of another uid; what it saw. */
async function askAs(uid: number, socketPath: string): Promise<string> {
  const child = spawn(process.execPath, ['-e', CLIENT, socketPath], {
    uid,
    gid: uid,
    cwd: '/',
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text
  })
  await once(child, 'close')
  return seen
}

t.test(
  'another uid gets no byte, even where file modes would let it in',
  needsRoot(),
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    for (const path of [world.sockets.broker, world.sockets.admin]) {
      t.equal(await askAs(OTHER_UID, path), '0 bytes', 'the directory keeps it out')
      // whoever can widen the modes is root or the owner: the kernel's word must hold alone
      for (
        let directory = dirname(path);
        directory.startsWith(world.directory);
        directory = dirname(directory)
      )
        chmodSync(directory, 0o777)
      chmodSync(path, 0o666)
      t.equal(await askAs(OTHER_UID, path), 'connected 0 bytes', 'the peer credentials keep it out')
    }
    const { body } = await world.ask('admin', 'GET', '/v1/status')
    t.match(body, { connections: { refused_peers: 2 } }, 'they were counted')
    t.match(world.output(), new RegExp(`"uid":${OTHER_UID}`), 'and logged')
    const recorded = world.auditLog().match(/"event":"peer.refused".*"reason":"other_uid/g)
    t.equal(recorded?.length, 2, 'and on record')
    t.equal((await world.token({ grant: 'work' })).status, 200, 'the owner is served as before')
    t.match(
      await world.run(['status']),
      { status: 6, stderr: /others can write/ },
      'a client of ours is warned',
    )
    await t.rejects(world.restart(), /is open to others/, 'and no daemon starts there')
  },
)
