import { MAX_SOCKET_PATH_BYTES } from '@grantd/client/protocol'
import type { Listener } from '../world.ts'
import type { Silence } from './daemon-facts.ts'
import type { DoctorFacts } from './facts.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import type { PathFact } from './look.ts'
import type { ServiceFacts } from './service-facts.ts'
import { adviceOfRoot, isSetUpByRoot } from './set-up-by-root.ts'
import { SERVICE_UNIT } from './unit-states.ts'

/** A path no socket can have is the one thing to say: all else about it follows from that. */
export function judgeReach(facts: DoctorFacts, ourVersion: string): Finding[] {
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

function directory(facts: DoctorFacts): Finding {
  const {
    directory: { path, fact },
    uid,
  } = facts
  const what = `directory ${path}`
  if (isSetUpByRoot(facts)) return ok(`${what}, which root has made`)
  return (
    absent(what, fact, 'directory', START) ??
    foreign(what, fact, uid) ??
    (isOpen(fact) ? fail(`${what} is open to others`, `run: chmod 700 ${path}`) : ok(what))
  )
}

function socket(facts: DoctorFacts, listener: Listener): Finding {
  const { sockets, uid } = facts
  const { path, fact } = sockets[listener]
  const what = `socket ${path}`
  return (
    absent(what, fact, 'socket', startAdvice(facts)) ??
    foreign(what, fact, uid) ??
    (isOpen(fact) ? warn(`${what} is open to others`, `run: chmod 600 ${path}`) : ok(what))
  )
}

const START = 'start the daemon: grantd serve'

function startAdvice(facts: DoctorFacts): string {
  return isSetUpByRoot(facts) ? adviceOfRoot(facts.uid) : START
}

function absent(
  what: string,
  fact: PathFact,
  type: 'directory' | 'socket',
  start: string,
): Finding | undefined {
  if (fact.kind === 'missing') return fail(`no ${what}`, start)
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

function daemon(facts: DoctorFacts, ourVersion: string): Finding[] {
  const { health } = facts
  if (health.kind === 'refused') {
    return [fail(`the daemon refuses this process: ${health.detail}`, 'ask from your own login')]
  }
  if (health.kind === 'silent') {
    return [fail(`no daemon answers: ${health.detail}`, adviceFor(health, facts))]
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

/** systemd listens, and has no process that would answer: whoever asks waits. */
function isStuck({ states = [] }: ServiceFacts): boolean {
  const listens = states.some(({ name, active }) => name.endsWith('.socket') && active === 'active')
  return listens && states.some(({ name, mainPid }) => name === SERVICE_UNIT && mainPid === 0)
}

/** What helps against each kind of silence. */
function adviceFor({ reason, hint }: Silence, facts: DoctorFacts): string {
  const { hangingPid: pid, service, uid } = facts
  if (reason === 'untrusted') return 'see above'
  if (isSetUpByRoot(facts)) return adviceOfRoot(uid)
  if (isStuck(service)) {
    return `systemd cannot start it, see why: systemctl --user status ${SERVICE_UNIT}`
  }
  if (reason === 'timed_out') {
    const holder = pid === undefined ? '' : ` (pid ${pid})`
    return `it hangs: end it${holder} and start it again: grantd serve`
  }
  if (reason === 'lost' || reason === 'malformed') {
    return 'end it, it may be of another version, and start it again: grantd serve'
  }
  return hint ?? START
}

function admin(facts: DoctorFacts): Finding[] {
  const { status, health } = facts
  // Without a daemon the one line that says so is enough.
  if (status.kind === 'answer' || health.kind === 'silent') return []
  const advice =
    status.kind === 'silent'
      ? adviceFor(status, facts)
      : 'ask from a local login, not through ssh, a container or another user'
  return [fail(`the admin socket gives no answer: ${status.detail}`, advice)]
}
