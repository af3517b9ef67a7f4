import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { needs, needsAll, needsRoot } from '../needs.ts'
import { add, token, worldWithGrant } from './capability.ts'

/** Nobody's: no account or group of a Debian system has them. */
const OTHER_UID = 64_242
const GROUP = 64_243

const CLIENT = `
  const request = require('node:http').request({
    socketPath: process.argv[1], method: 'POST', path: '/v1/token',
    headers: { host: 'grantd', 'grantd-client': 'other/1', 'content-type': 'application/json', 'content-length': 2 },
  }, (answer) => answer.on('data', (part) => process.stdout.write(part)))
  request.on('error', (error) => process.stdout.write(error.code))
  request.end('{}')
`

/** Asks from a process of another uid, in this supplementary group and this primary one; what it got. */
async function askAs(group: number, primary: number, path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'setpriv',
    [
      `--reuid=${OTHER_UID}`,
      `--regid=${primary}`,
      `--groups=${group}`,
      process.execPath,
      '-e',
      CLIENT,
      path,
    ],
    { cwd: '/', env: { PATH: process.env['PATH'] } },
  )
  return stdout
}

const guests = needsAll(needsRoot(), needs('setpriv'))

t.test('members of a group get what the capability gives, and nobody else', guests, async (t) => {
  const world = await worldWithGrant(t)
  const directory = join(world.directory, 'shared')
  mkdirSync(directory)
  chownSync(directory, process.getuid?.() ?? -1, GROUP)
  chmodSync(directory, 0o750)
  chmodSync(world.directory, 0o755)
  const path = join(directory, 's')
  await add(world, { path, gid: GROUP })
  const { mode, gid } = statSync(path)
  t.same([mode & 0o777, gid], [0o660, GROUP])
  t.match(await token(path), { status: 200 }, 'the owner')
  t.match(await askAs(GROUP, OTHER_UID, path), /"access_token"/, 'a member')
  t.match(await askAs(OTHER_UID, GROUP, path), /"access_token"/, 'by its primary group')
  t.equal(await askAs(OTHER_UID, OTHER_UID, path), 'EACCES', 'the modes keep others out')
  chmodSync(directory, 0o755)
  chmodSync(path, 0o666)
  t.match(await askAs(OTHER_UID, OTHER_UID, path), /^(ECONNRESET|EPIPE)$/, 'and so does the kernel')
  await t.rejects(add(world, { name: 'b', gid: GROUP }), /is needed that the group can reach/)
  const { path: own } = await add(world, { name: 'c' })
  chmodSync(own, 0o666)
  const runtime = join(own, '..', '..')
  for (const one of [join(runtime, '..'), runtime, join(own, '..')]) chmodSync(one, 0o755)
  t.match(await askAs(GROUP, OTHER_UID, own), /^(ECONNRESET|EPIPE)$/, 'on that one socket alone')
})
