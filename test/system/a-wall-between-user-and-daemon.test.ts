import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { COMMAND } from '../integration/command.ts'
import { startOidcIssuer, type TestIssuer } from '../issuers/oidc-issuer.ts'
import { addAccount, asRoot, logIn } from './accounts.ts'
import { onBootedMachine } from './full-system.ts'
import { journalLines, tokensIn } from './journal.ts'
import type { Reach } from './look-at-process.ts'

/** A program that says what it can do with a process. */
const LOOK = fileURLToPath(new URL('./look-at-process.js', import.meta.url))

/** Asks for a token. */
const TOKEN = [process.execPath, COMMAND, 'token', 'work']

const { EPERM } = constants.errno

/** Lines of the unit that have to do with its being asked, watched and started again. */
const OF_A_DAEMON =
  /^(?:Type|NotifyAccess|Sockets|Requires|After|ExecStart|ExecReload|Restart|WatchdogSec|WatchdogSignal|StateDirectory|RuntimeDirectory)=.*\n/gm

onBootedMachine('a wall between user and daemon', fileURLToPath(import.meta.url), () => {
  const alice = addAccount('grantd-alice')
  const bob = addAccount('grantd-bob')
  const unit = `grantd@${alice.uid}.service`
  const unitFile = `/etc/systemd/system/${unit}`
  const broker = `/run/grantd/${alice.uid}/broker.sock`
  const state = `/var/lib/grantd/${alice.uid}`
  const config = `/etc/grantd/users/${alice.uid}/config.toml`
  const grantd = (...args: readonly string[]) => asRoot(process.execPath, COMMAND, ...args).ended
  const systemctl = (...args: readonly string[]) => asRoot('systemctl', ...args).ended
  const property = async (name: string): Promise<string> =>
    (await systemctl('show', '--value', `--property=${name}`, unit)).stdout.trim()
  const token = () => alice.grantd('token', 'work').ended
  let issuer: TestIssuer

  t.before(async () => {
    issuer = await startOidcIssuer()
  })
  t.teardown(() => issuer.close())

  t.test('root installs it for a user, once it is clear what that means', async (t) => {
    const install = ['service', 'install', '--for', alice.name]
    t.match(await alice.grantd(...install).ended, { status: 2 })
    const seen = await grantd(...install, '--dry-run')
    t.match(seen, { status: 0, stdout: /would run: systemd-sysusers .*\nAmbientCapabilities=/s })
    t.notOk(existsSync(unitFile) || existsSync('/etc/grantd/users'))
    t.match(await grantd(...install), { status: 0, stderr: '' })
    const again = await grantd('service', 'install', '--for', String(alice.uid))
    t.match(again, { status: 0, stderr: '' })
    t.notMatch(again.stdout, /written|systemd-creds|daemon-reload/)
    t.match(await grantd('service', 'status', '--for', alice.name), { status: 0 })
    for (const name of [unit, `grantd@${alice.uid}.socket`, `grantd-admin@${alice.uid}.socket`]) {
      const verified = asRoot('systemd-analyze', 'verify', `/etc/systemd/system/${name}`)
      t.match(await verified.ended, { status: 0, stdout: '', stderr: '' }, name)
    }
  })

  t.test('the user installs nothing, logs in and gets tokens', async (t) => {
    const [exec] = /^ExecStart=.*$/m.exec(readFileSync(unitFile, 'utf8')) ?? []
    mkdirSync(`${unitFile}.d`)
    const dropIn = `[Service]\nExecStart=\n${exec} --allow-loopback-http-issuer\n`
    writeFileSync(`${unitFile}.d/test.conf`, dropIn)
    await systemctl('daemon-reload')
    t.equal(await property('ActiveState'), 'inactive', 'nobody has asked yet')
    t.match(await logIn(alice, issuer), { status: 0 })
    t.match(await token(), { status: 0, stdout: /^ey/ })
    t.match(await alice.grantd('status').ended, { status: 0, stdout: /bound by systemd/ })
    const doctor = await alice.grantd('doctor').ended
    t.equal(doctor.status, 0, doctor.stdout)
    t.match(doctor.stdout, /root has the machine run the daemon/)
  })

  t.test('it knows which program of the user is calling', async (t) => {
    const audit = await alice.grantd('audit', 'query', '--json', '--event', 'token.issued').ended
    t.match(audit.stdout, `"executable":"${process.execPath}"`)
    t.match(audit.stdout, /"class":"local"/)
    // the same program of theirs with mounts of its own, as in a container
    const { PATH } = process.env
    const elsewhere = asRoot(
      'unshare',
      '--mount',
      ...alice.as,
      'env',
      '-i',
      `PATH=${PATH}`,
      ...TOKEN,
    )
    t.match(await elsewhere.ended, { status: 4, stdout: '', stderr: /container/ })
    const before = readFileSync(config, 'utf8')
    const rule = `[[rule]]\nname = "no scripts"\neffect = "deny"\nexecutable = "${process.execPath}"\n`
    writeFileSync(config, before + rule)
    await systemctl('reload', unit)
    t.match(await token(), { status: 4, stderr: /a rule denies it/ })
    writeFileSync(config, before)
    await systemctl('reload', unit)
    t.match(await token(), { status: 0 })
  })

  t.test('nobody else is answered, not even root', async (t) => {
    t.match(await bob.grantd('token', 'work').ended, { status: 6 })
    const curl = ['curl', '--silent', '--max-time', '5', '--unix-socket', broker]
    const ask = [...curl, '-H', 'Grantd-Client: test/1', 'http://grantd/v1/health']
    const [program = '', ...args] = ask
    t.match(await alice.start(program, ...args).ended, { status: 0, stdout: /"ok"/ })
    t.match(await bob.start(program, ...args).ended, { status: 7, stdout: '' })
    // and if the owner of the socket lets them in
    t.match(await alice.start('chmod', '666', broker).ended, { status: 0 })
    for (const asked of [bob.start(program, ...args), asRoot(program, ...args)]) {
      const { status, stdout } = await asked.ended
      t.not(status, 0)
      t.equal(stdout, '')
    }
    const audit = await alice.grantd('audit', 'query', '--json').ended
    for (const uid of [bob.uid, 0])
      t.match(
        audit.stdout,
        new RegExp(`"event":"peer.refused","peer":{"uid":${uid},[^}]*},"reason":"other_uid"`),
      )
    await alice.start('chmod', '600', broker).ended
    // nor can they put another in its place
    t.match(await alice.start('rm', '-f', broker).ended, { status: 1 })
  })

  t.test('a program of the user reads, signals and restarts nothing of it', async (t) => {
    const pid = await property('MainPID')
    const looked = await alice.start(process.execPath, LOOK, pid).ended
    const reach = JSON.parse(looked.stdout) as Reach
    t.ok(Object.keys(reach.files).length > 10)
    for (const [file, what] of Object.entries(reach.files)) t.equal(what, 'EACCES', file)
    t.same(reach.attached, [EPERM, EPERM])
    t.same([reach.read, reach.descriptor, reach.compare], [EPERM, EPERM, EPERM])
    const refused = [
      ['kill', '-KILL', pid],
      ['kill', '-USR1', pid],
      ['ls', state],
      ['ls', `/run/grantd/${alice.uid}/daemon`],
      ['ls', `/run/credentials/${unit}`],
      ['cat', `/run/credentials/${unit}/grantd-sealing-key`],
      ['cat', `/etc/grantd/users/${alice.uid}/grantd-sealing-key`],
      ['touch', config],
      ['systemctl', '--no-ask-password', 'restart', unit],
      ['systemctl', '--no-ask-password', 'stop', unit],
    ]
    for (const [program = '', ...args] of refused) {
      const { status, stdout } = await alice.start(program, ...args).ended
      t.not(status, 0, [program, ...args].join(' '))
      t.equal(stdout, '')
    }
    t.equal(await property('MainPID'), pid)
  })

  t.test('it sees which program the user runs, and nothing in it', async (t) => {
    const sleeper = alice.start('sh', '-c', 'echo $$; exec sleep infinity')
    const pid = await sleeper.printed(/^(\d+)$/m)
    const settings = readFileSync(unitFile, 'utf8').replaceAll(OF_A_DAEMON, '')
    const look = async (name: string, more: string): Promise<Reach> => {
      const unit = `/etc/systemd/system/${name}@.service`
      const exec = `Type=oneshot\nExecStart=${process.execPath} ${LOOK} ${pid}\n`
      writeFileSync(unit, `${settings}${exec}StandardOutput=file:/run/${name}\n${more}`)
      await systemctl('start', `${name}@${alice.uid}.service`)
      return JSON.parse(readFileSync(`/run/${name}`, 'utf8')) as Reach
    }
    const { files, ...calls } = await look('as-it-is', '')
    for (const file of ['exe', 'cwd', 'root', 'maps']) t.equal(files[file], 'open', file)
    for (const file of ['mem', 'environ', 'auxv', 'fd', 'map_files'])
      t.equal(files[file], 'EACCES', file)
    t.same(calls, { attached: [EPERM, EPERM], read: EPERM, descriptor: EPERM, compare: EPERM })
    // what keeps it from more are the calls it may not make, as its right would allow them
    const open = await look('unfiltered', 'SystemCallFilter=\n')
    t.same([open.attached[0], open.descriptor, open.compare], [0, 0, 0])
    t.equal(open.files['mem'], 'EACCES')
    await asRoot('kill', '-KILL', pid).ended
    await sleeper.ended
  })

  t.test('what it cannot do for another uid it says', async (t) => {
    const added = await alice.grantd('capability', 'add', 'ci', '--grant', 'work').ended
    t.match(added, { status: 2, stderr: /runs under a uid of its own/ })
    const before = readFileSync(config, 'utf8')
    writeFileSync(config, `${before}[[rule]]\nname = "ask"\neffect = "limit"\nconsent = "always"\n`)
    await systemctl('reload', unit)
    t.match(await token(), { status: 4, stderr: /consent|uid of its own/ })
    writeFileSync(config, before)
    await systemctl('reload', unit)
  })

  t.test('a grant outlives a stop, a kill and an uninstallation', async (t) => {
    await systemctl('stop', unit)
    t.match(await token(), { status: 0 }, 'it is started again')
    await systemctl('kill', '--signal=KILL', unit)
    t.match(await token(), { status: 0 })
    t.match(await grantd('service', 'uninstall', '--for', alice.name), { status: 0, stderr: '' })
    t.notOk(existsSync(unitFile) || existsSync(dirname(broker)))
    t.not((await token()).status, 0)
    t.match(await grantd('service', 'install', '--for', alice.name), { status: 0, stderr: '' })
    t.match(await token(), { status: 0 })
    t.ok(issuer.counts('refresh_token') > 0)
  })

  t.test('the journal knows whose lines they are, and holds no token', async (t) => {
    const { stdout } = await asRoot('journalctl', '--output=json', `--unit=${unit}`).ended
    const ours = journalLines(stdout).filter(({ _COMM: program }) => program === 'node')
    const uid = (await asRoot('id', '-u', `grantd-${alice.uid}`).ended).stdout.trim()
    t.ok(ours.length > 4)
    for (const line of ours)
      t.match(line, { SYSLOG_IDENTIFIER: 'grantd', _SYSTEMD_UNIT: unit, _UID: uid })
    const everything = await asRoot('journalctl', '--output=json', '--all').ended
    const hashes = issuer.log.flatMap((seen) => seen.successorHash ?? [])
    t.same(tokensIn(everything.stdout, hashes), [])
    t.notMatch(everything.stdout, (await token()).stdout.trim())
  })
})
