import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { worldWithGrant } from '../integration/capability.ts'
import { COMMAND } from '../integration/command.ts'
import type { World } from '../integration/world.ts'
import { missing, type Needs, needs } from '../needs.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples', 'capabilities')

/** What somebody on the far side does: asks for what it may have, and for more. */
const FAR_SIDE = `ask() {
  curl --silent --unix-socket "$GRANTD_SOCK" -H 'Grantd-Client: far/1' \
    -H 'Content-Type: application/json' -d "$1" http://grantd/v1/token; echo
}
ask '{}'; ask '{"scope":"repo:write"}'`

/** Runs an example with `grantd` and more programs on the path; what it printed. */
async function runExample(
  world: World,
  script: string,
  args: readonly string[],
  programs: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const bin = join(world.directory, 'bin')
  mkdirSync(bin)
  const all = { grantd: `exec "${process.execPath}" "${COMMAND}" "$@"`, ...programs }
  for (const [name, text] of Object.entries(all))
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const { stdout } = await promisify(execFile)(join(EXAMPLES, script), [...args], {
    env: { ...world.environment, PATH: `${bin}:${process.env['PATH']}` },
  })
  return stdout.trim().split('\n')
}

async function gaveLittle(t: Test, world: World, lines: readonly string[]): Promise<void> {
  t.match(JSON.parse(lines.at(-2) ?? ''), { grant: 'work', scope: 'repo:read' })
  t.match(JSON.parse(lines.at(-1) ?? ''), { code: 'access_denied' })
  t.same((await world.ask('admin', 'GET', '/v1/capabilities')).body, { capabilities: [] })
}

/** Where a container is not allowed to make namespaces, nothing can be said of bubblewrap. */
function needsBubblewrap(): Needs {
  const found = needs('bwrap', 'curl', 'bash')
  if (found.skip !== false) return found
  const tried = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true'])
  return tried.status === 0 ? found : missing('bubblewrap may make no namespaces here')
}

t.test('a sandbox gets what its capability gives', needsBubblewrap(), async (t) => {
  const world = await worldWithGrant(t)
  const work = join(world.directory, 'work')
  mkdirSync(work)
  const lines = await runExample(world, 'sandbox.sh', [
    'work',
    'repo:read',
    work,
    'sh',
    '-c',
    FAR_SIDE,
  ])
  await gaveLittle(t, world, lines)
  t.match(world.auditLog(), /"token\.issued".*"class":"container"/, 'and it is seen as one')
})

/** An sshd of our own for one test, with keys of its own. */
async function startSshd(t: Test, directory: string): Promise<string> {
  const at = (name: string): string => join(directory, name)
  for (const key of ['host', 'user'])
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)])
  symlinkSync(at('user.pub'), at('authorized'))
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  writeFileSync(
    at('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
    ].join('\n'),
  )
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], { stdio: 'pipe' })
  t.teardown(() => sshd.kill())
  let said = ''
  sshd.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  while (!said.includes('listening on')) {
    if (sshd.exitCode !== null) throw new Error(`sshd did not start: ${said}`)
    await pause(20)
  }
  return [
    `exec /usr/bin/ssh -F none -p ${port} -i "${at('user')}" -o IdentitiesOnly=yes`,
    `-o UserKnownHostsFile="${at('known')}" -o StrictHostKeyChecking=accept-new -o LogLevel=ERROR "$@"`,
  ].join(' ')
}

t.test(
  'the far end of ssh gets what its capability gives',
  needs('sshd', 'ssh', 'curl', 'bash'),
  async (t) => {
    const world = await worldWithGrant(t)
    chmodSync(world.directory, 0o700)
    const ssh = await startSshd(t, world.directory)
    const lines = await runExample(
      world,
      'remote.sh',
      ['work', 'repo:read', '127.0.0.1', FAR_SIDE],
      { ssh },
    )
    await gaveLittle(t, world, lines)
    t.match(world.auditLog(), /"token\.issued".*"class":"relay"/, 'and it is seen as a relay')
  },
)
