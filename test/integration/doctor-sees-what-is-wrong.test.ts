import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Finding } from '../../cli/doctor/finding.ts'
import { COMMAND, startProgram } from './command.ts'
import { startWorld, type World } from './world.ts'

const METADATA = '/.well-known/openid-configuration'
const GOOD = '[vault]\nsealing_key = "memory"\n'

/** How often a change of the file is looked for, with room for a slow machine. */
const NOTICED_MS = 5_000

/** What it found, and with which status it ended. */
async function doctor(world: World): Promise<{ status: number | null; findings: Finding[] }> {
  const { status, stdout } = await world.run(['doctor', '--json'])
  return { status, findings: JSON.parse(stdout) as Finding[] }
}

/** Where daemons of the machine may have left something before us. */
const LEFT_BY_OTHERS = `/tmp/grantd-${process.getuid?.()} `

/** Everything that is not well, but for the vault in memory and for the machine we are on. */
async function faults(world: World): Promise<{ status: number | null; faults: Finding[] }> {
  const { status, findings } = await doctor(world)
  const isFault = ({ level, what }: Finding) =>
    level !== 'ok' && !/^(?:vault|swap)/.test(what) && !what.startsWith(LEFT_BY_OTHERS)
  return { status, faults: findings.filter(isFault) }
}

/** A directory for temporary files, with a path that sockets fit into. */
function temporary(t: Test): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'g-')))
  t.teardown(() => rmSync(path, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 }))
  return path
}

t.test('doctor sees what is wrong with a real daemon, and what is not', async (t) => {
  const TMPDIR = temporary(t)
  const world = await startWorld({ config: GOOD, environment: { TMPDIR, DISPLAY: ':0' } })
  t.teardown(() => world.close())
  const { proxy, issuer } = world.issuer
  await world.login()

  await t.test('nothing, where nothing is', async (t) => {
    const { status, findings } = await doctor(world)
    t.equal(status, 0)
    t.same((await faults(world)).faults, [])
    const text = findings.map(({ what }) => what).join('\n')
    t.match(text, `clock: the same as that of ${issuer}`)
    t.match(text, `socket ${world.sockets.admin}\n`)
    t.match(text, /^vault: grants are (?:kept )?in memory/m)
  })

  await t.test('sockets that others may use', async (t) => {
    chmodSync(world.sockets.broker, 0o666)
    const what = `socket ${world.sockets.broker} is open to others`
    const advice = `run: chmod 600 ${world.sockets.broker}`
    t.same(await faults(world), { status: 0, faults: [{ level: 'warn', what, advice }] })
    chmodSync(world.sockets.broker, 0o600)
    chmodSync(join(world.directory, 'run', 'grantd'), 0o755)
    t.match(await faults(world), { status: 1, faults: [{ level: 'fail', what: /^directory/ }] })
    chmodSync(join(world.directory, 'run', 'grantd'), 0o700)
  })

  await t.test('a clock that is off', async (t) => {
    for (const [seconds, status, level] of [
      [30, 0, undefined],
      [200, 0, 'warn'],
      [-400, 1, 'fail'],
    ] as const) {
      const date = new Date(Date.now() - seconds * 1000).toUTCString()
      const answer = () => ({ status: 200, headers: { date }, body: '' })
      proxy.next({ kind: 'answer', answer }, 1, METADATA)
      const expected = { level, what: /^clock: .* that of http:/, advice: /set the clock/ }
      t.match(await faults(world), { status, faults: level === undefined ? [] : [expected] })
    }
  })

  await t.test('a configuration that is broken', async (t) => {
    const file = join(world.directory, 'config.toml')
    const problem = async () => {
      const { body } = await world.ask('admin', 'GET', '/v1/status')
      return (body?.['config'] as { readonly problem?: string } | undefined)?.problem
    }
    writeFileSync(file, `${GOOD}[log]\nlevle = "info"\n`)
    const startedAt = performance.now()
    while ((await problem()) === undefined && performance.now() - startedAt < NOTICED_MS)
      await pause(50)
    const { status, faults: found } = await faults(world)
    t.equal(status, 1)
    t.match(found, [
      { level: 'warn', what: 'the daemon works with limits' },
      { level: 'fail', what: `configuration ${file}:4:1`, advice: /grantd policy check/ },
    ])
    writeFileSync(file, GOOD)
    while ((await problem()) !== undefined && performance.now() - startedAt < 2 * NOTICED_MS)
      await pause(50)
    t.same(await faults(world), { status: 0, faults: [] })
  })

  await t.test('a service that starts something else', async (t) => {
    const units = join(world.directory, '.config', 'systemd', 'user')
    mkdirSync(units, { recursive: true })
    const unit = (node: string): void =>
      writeFileSync(
        join(units, 'grantd.service'),
        `# Written by \`grantd service install\`\n[Service]\nExecStart="${node}" "${COMMAND}" "serve"\n`,
      )
    unit(realpathSync(process.execPath))
    const { findings } = await doctor(world)
    t.match(findings[1], { level: 'ok', what: 'the service starts this node and this command' })
    unit('/usr/bin/env')
    t.match(await faults(world), { status: 0, faults: [{ level: 'warn', what: /another node/ }] })
    unit('/nonexistent/node')
    t.match(await faults(world), {
      status: 1,
      faults: [{ level: 'fail', what: /nonexistent/, advice: 'grantd service install' }],
    })
    rmSync(units, { recursive: true })
  })

  await t.test('daemons in temporary directories, and what they leave', async (t) => {
    const left = join(TMPDIR, `grantd-${process.getuid?.()}`)
    const paths = [`--runtime-dir=${left}`, `--state-dir=${join(TMPDIR, 'state')}`]
    const config = `--config=${join(world.directory, 'config.toml')}`
    const serve = [process.execPath, COMMAND, 'serve', config, ...paths]
    const other = startProgram('/usr/bin/env', ['-u', 'NODE_OPTIONS', ...serve], {
      environment: world.environment,
      directory: world.directory,
    })
    await other.printed(/"(listening)"/)
    t.match(await faults(world), { status: 0, faults: [{ what: /^another daemon of yours/ }] })
    other.kill('SIGKILL')
    await other.ended
    t.ok(existsSync(join(left, 'broker.sock')), 'it had no time to clean up')
    const advice = `remove it: rm -r ${left}`
    t.match(await faults(world), { status: 0, faults: [{ what: /is left over/, advice }] })
    rmSync(left, { recursive: true })
    t.same((await faults(world)).faults, [])
  })

  await t.test('an issuer that hangs, a daemon that hangs, and one that is gone', async (t) => {
    const startedAt = performance.now()
    proxy.next({ kind: 'hold' }, 1, METADATA)
    const issuerHangs = faults(world)
    await proxy.held()
    const pid = world.daemonPid()
    process.kill(pid, 'SIGSTOP')
    const daemonHangs = faults(world)
    t.match(await issuerHangs, { status: 0, faults: [{ level: 'warn', what: /no answer in/ }] })
    t.match(await daemonHangs, {
      status: 1,
      faults: [{ level: 'fail', advice: new RegExp(`^it hangs: end it .pid ${pid}`) }],
    })
    t.ok(performance.now() - startedAt < 12_000, 'neither holds up doctor for long')
    process.kill(pid, 'SIGCONT')
    proxy.release()
    await world.kill()
    const { status, faults: found } = await faults(world)
    t.equal(status, 1)
    t.match(found, [{ level: 'fail', what: /^no daemon answers/ }])
  })
})
