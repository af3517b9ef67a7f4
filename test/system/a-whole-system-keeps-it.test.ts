import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { tokenHash } from '../../daemon/base/token-hash.ts'
import { startOidcIssuer, type TestIssuer } from '../issuers/oidc-issuer.ts'
import { type Account, addAccount, asRoot, linger, logIn, writeAs } from './accounts.ts'
import { onBootedMachine } from './full-system.ts'
import { journalLines, tokensIn } from './journal.ts'

onBootedMachine('a whole system keeps the daemon', fileURLToPath(import.meta.url), () => {
  const alice = addAccount('grantd-alice')
  const units = join(alice.home, '.config', 'systemd', 'user')
  const config = join(alice.home, '.config', 'grantd', 'config.toml')
  const systemctl = (...args: readonly string[]) =>
    alice.start('systemctl', '--user', ...args).ended
  let issuer: TestIssuer
  let accessToken = ''

  t.before(async () => {
    await linger(alice)
    issuer = await startOidcIssuer()
    await makeDirectory(alice, '.config/grantd')
    writeAs(alice, config, '[vault]\nsealing_key = "credential-file"\n')
    writeAs(alice, join(alice.home, 'sealing-key'), randomBytes(32))
  })
  t.teardown(() => issuer.close())

  t.test('who does not linger is told, and who does is not', async (t) => {
    // with a login, and nothing that would outlive it
    const login = ['--quiet', '--unit=login', `--uid=${alice.uid}`, '--property=PAMName=login']
    const mark = join(alice.home, 'logged-in')
    execFileSync('systemd-run', [...login, 'sh', '-c', `touch ${mark}; exec sleep infinity`])
    while (!existsSync(mark)) await pause(20)
    execFileSync('loginctl', ['disable-linger', alice.name])
    const before = await alice.grantd('service', 'install').ended
    t.match(before, { status: 0, stderr: '', stdout: /enable-linger\n$/ })
    execFileSync('loginctl', ['enable-linger', alice.name])
    const after = await alice.grantd('service', 'install').ended
    t.match(after, { status: 0, stderr: '' })
    t.notMatch(after.stdout, /linger/)
    t.notMatch((await alice.grantd('service', 'status').ended).stdout, /linger/)
    execFileSync('systemctl', ['stop', 'login.service'])
  })

  t.test('systemd finds nothing wrong with the units', async (t) => {
    for (const name of ['grantd.service', 'grantd.socket', 'grantd-admin.socket']) {
      const verified = alice.start('systemd-analyze', '--user', 'verify', join(units, name))
      t.match(await verified.ended, { status: 0, stdout: '', stderr: '' }, name)
    }
  })

  t.test('the first request starts it, and a grant outlives the manager', async (t) => {
    const [exec] = /^ExecStart=.*$/m.exec(readFileSync(join(units, 'grantd.service'), 'utf8')) ?? []
    await makeDirectory(alice, '.config/systemd/user/grantd.service.d')
    writeAs(
      alice,
      join(units, 'grantd.service.d', 'test.conf'),
      [
        '[Service]',
        'LoadCredential=grantd-sealing-key:%h/sealing-key',
        'ExecStart=',
        `${exec} --allow-loopback-http-issuer`,
        '',
      ].join('\n'),
    )
    await systemctl('daemon-reload')
    t.equal((await systemctl('is-active', 'grantd.service')).stdout, 'inactive\n')
    t.match(await logIn(alice, issuer), { status: 0 })
    t.equal((await systemctl('is-active', 'grantd.service')).stdout, 'active\n')
    t.match(await alice.grantd('status').ended, { status: 0, stdout: /bound by systemd/ })
    await asRoot('systemctl', 'restart', `user@${alice.uid}.service`).ended
    const { stdout } = await alice.grantd('token', 'work').ended
    accessToken = stdout.trim()
    t.match(accessToken, /^ey/)
    t.ok(issuer.counts('refresh_token') > 0, 'by a refresh token that was kept')
  })

  t.test('the journal knows whose each line is and how grave, and no token', async (t) => {
    writeAs(alice, config, 'wrong = 1\n')
    await systemctl('restart', 'grantd.service')
    const asked = alice.start('journalctl', '--user', '--unit=grantd', '--output=json')
    const { stdout } = await asked.ended
    const ours = journalLines(stdout).filter(({ _COMM: program }) => program === 'node')
    t.ok(ours.length > 4, `${ours.length} lines`)
    for (const line of ours)
      t.match(line, {
        SYSLOG_IDENTIFIER: 'grantd',
        _SYSTEMD_USER_UNIT: 'grantd.service',
        _UID: String(alice.uid),
        MESSAGE: /^\{"level":/,
      })
    const priorities = new Map(
      ours.map(({ MESSAGE = '', PRIORITY }) => [JSON.parse(MESSAGE).msg, PRIORITY]),
    )
    t.equal(priorities.get('listening'), '6')
    t.equal(priorities.get('the configuration is broken; no tokens are issued'), '4')
    // what keeps it from starting is no line of the log, and grave
    const state = join(alice.home, '.local', 'state', 'grantd')
    await alice.start('chmod', '755', state).ended
    t.match(await systemctl('restart', 'grantd.service'), { status: 1 })
    await alice.start('chmod', '700', state).ended
    const grave = alice.start('journalctl', '--user', '--priority=err', '--output=cat')
    t.match((await grave.ended).stdout, /^grantd: ".*\/grantd" is open to others/m)
    t.notMatch(stdout, accessToken)
    const hashes = issuer.log.flatMap((seen) => seen.successorHash ?? [])
    t.ok(hashes.length > 1)
    const everything = await asRoot('journalctl', '--output=json', '--all').ended
    t.same(tokensIn(everything.stdout, hashes), [])
    const [word = ''] = /[\w-]{20,}/.exec(everything.stdout) ?? []
    t.same(tokensIn(everything.stdout, [tokenHash(word)]), [word], 'it would be found')
  })
})

/** Below their home. */
async function makeDirectory(account: Account, path: string): Promise<void> {
  await account.start('mkdir', '-p', '-m', '700', path).ended
}
