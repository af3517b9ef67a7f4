import { MAX_SOCKET_PATH_BYTES, type Status } from '@grantd/client/protocol'
import type { DoctorFacts, PathFact, Silence } from './doctor-facts.ts'
import type { Listener } from './world.ts'

/** One line of `grantd doctor`. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  /** What to do about it. */
  readonly advice?: string
}

/** The oldest Node that is tested, `engines` in package.json. */
const OLDEST_NODE = { major: 20, minor: 12 }

/** Everything there is to say about the facts, the cause before its effects. */
export function judgeFacts(facts: DoctorFacts, ourVersion: string): Finding[] {
  return [node(facts), ...place(facts), ...reach(facts, ourVersion), ...linger(facts)]
}

/** A path no socket can have is the one thing to say: all else about it follows from that. */
function reach(facts: DoctorFacts, ourVersion: string): Finding[] {
  const brokerPath = badPath(facts, 'broker')
  if (brokerPath !== undefined) return [brokerPath]
  const adminPath = badPath(facts, 'admin')
  return [
    directory(facts),
    socket(facts, 'broker'),
    adminPath ?? socket(facts, 'admin'),
    ...daemon(facts, ourVersion),
    ...(adminPath === undefined ? admin(facts) : []),
  ]
}

/** Which variable names a socket. */
const VARIABLES: Readonly<Record<Listener, string>> = {
  broker: 'GRANTD_SOCK',
  admin: 'GRANTD_ADMIN_SOCK',
}

function badPath({ sockets, platform }: DoctorFacts, listener: Listener): Finding | undefined {
  const { path } = sockets[listener]
  const variable = VARIABLES[listener]
  if (!path.startsWith('/')) {
    return fail(`${variable} must be an absolute path, not ${path}`, `correct or unset ${variable}`)
  }
  const limit = MAX_SOCKET_PATH_BYTES[platform === 'linux' ? 'linux' : 'darwin']
  if (Buffer.byteLength(path) <= limit) return undefined
  const what = `socket ${path} is too long: a socket has at most ${limit} bytes`
  return fail(what, `set ${variable} to a shorter path`)
}

function ok(what: string, advice?: string): Finding {
  return advice === undefined ? { level: 'ok', what } : { level: 'ok', what, advice }
}

function warn(what: string, advice: string): Finding {
  return { level: 'warn', what, advice }
}

function fail(what: string, advice: string): Finding {
  return { level: 'fail', what, advice }
}

function node({ nodeVersion }: DoctorFacts): Finding {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const oldest = `${OLDEST_NODE.major}.${OLDEST_NODE.minor}`
  return major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor)
    ? ok(`Node ${nodeVersion}`)
    : fail(`Node ${nodeVersion} is too old`, `install Node ${oldest} or later`)
}

function place({ isFindable }: DoctorFacts): Finding[] {
  if (isFindable) return []
  return [
    warn(
      'XDG_RUNTIME_DIR is not set: daemon and tools may look in different places',
      'log in through PAM (not su or cron), or set GRANTD_SOCK to the socket',
    ),
  ]
}

function directory({ directory: { path, fact }, uid }: DoctorFacts): Finding {
  const what = `directory ${path}`
  return (
    absent(what, fact, 'directory') ??
    foreign(what, fact, uid) ??
    (isOpen(fact) ? fail(`${what} is open to others`, `run: chmod 700 ${path}`) : ok(what))
  )
}

function socket({ sockets, uid }: DoctorFacts, listener: Listener): Finding {
  const { path, fact } = sockets[listener]
  const what = `socket ${path}`
  return (
    absent(what, fact, 'socket') ??
    foreign(what, fact, uid) ??
    (isOpen(fact) ? warn(`${what} is open to others`, `run: chmod 600 ${path}`) : ok(what))
  )
}

function absent(what: string, fact: PathFact, type: 'directory' | 'socket'): Finding | undefined {
  if (fact.kind === 'missing') return fail(`no ${what}`, 'start the daemon: grantd serve')
  if (fact.kind === 'unreadable') return fail(`${what}: ${fact.detail}`, 'check who owns the path')
  if (fact.type === type) return undefined
  return fail(`${what} is not a ${type}`, 'remove it, and start the daemon again')
}

function foreign(what: string, fact: PathFact, uid: number): Finding | undefined {
  if (fact.kind !== 'present' || fact.uid === uid) return undefined
  return fail(`${what} belongs to uid ${fact.uid}, not to you`, 'do not use it; ask its owner')
}

function isOpen(fact: PathFact): boolean {
  return fact.kind === 'present' && (fact.mode & 0o077) !== 0
}

function daemon({ health, hangingPid }: DoctorFacts, ourVersion: string): Finding[] {
  if (health.kind === 'refused') {
    return [fail(`the daemon refuses this process: ${health.detail}`, 'ask from your own login')]
  }
  if (health.kind === 'silent') {
    return [fail(`no daemon answers: ${health.detail}`, adviceFor(health, hangingPid))]
  }
  const { version, status } = health.value
  return [
    version === ourVersion
      ? ok(`the daemon answers, version ${version}`)
      : warn(
          `the daemon has version ${version}, this command ${ourVersion}`,
          'restart the daemon, or update the older one',
        ),
    ...(status === 'ok' ? [] : [warn('the daemon works with limits', 'see the lines below')]),
  ]
}

/** What helps against each kind of silence. */
function adviceFor({ reason, hint }: Silence, pid: number | undefined): string {
  if (reason === 'untrusted') return 'see above'
  if (reason === 'timed_out') {
    const holder = pid === undefined ? '' : ` (pid ${pid})`
    return `it hangs: end it${holder} and start it again: grantd serve`
  }
  if (reason === 'lost' || reason === 'malformed') {
    return 'end it, it may be of another version, and start it again: grantd serve'
  }
  return hint ?? 'start the daemon: grantd serve'
}

function admin({ status, health, hangingPid, configFile }: DoctorFacts): Finding[] {
  if (status.kind !== 'answer') {
    // Without a daemon the one line that says so is enough.
    if (health.kind === 'silent') return []
    const advice =
      status.kind === 'silent'
        ? adviceFor(status, hangingPid)
        : 'ask from a local login, not through ssh, a container or another user'
    return [fail(`the admin socket gives no answer: ${status.detail}`, advice)]
  }
  const { vault, config } = status.value
  return [vaultFinding(vault), configuration(config, configFile)]
}

function configuration({ path, problem }: Status['config'], file: PathFact | undefined): Finding {
  const what = `configuration ${path}`
  if (problem === undefined) return ok(file?.kind === 'missing' ? `${what}: none, defaults` : what)
  // The daemon's sentence names the place in the file, path first.
  const where = problem.startsWith(path) ? problem.slice(path.length) : `: ${problem}`
  return fail(what + where, 'correct the file')
}

function vaultFinding({ kind, detail, hint }: Status['vault']): Finding {
  const what = `vault: ${detail}`
  if (kind === 'sealed') return ok(what)
  return kind === 'memory'
    ? warn(what, 'install or unlock a keychain, then restart the daemon')
    : fail(what, hint ?? 'unlock it: grantd unlock')
}

function linger({ lingers }: DoctorFacts): Finding[] {
  if (lingers === undefined) return []
  return lingers
    ? [ok('your services stay after the last logout')]
    : [ok('your services end with your last logout', 'for jobs after it: loginctl enable-linger')]
}
