import { type Finding, fail, ok, warn } from './finding.ts'
import type { ProgramFact, ServiceFacts, UnitFact } from './service-facts.ts'
import type { UnitState } from './unit-states.ts'

const INSTALL = 'grantd service install'

/**
 * What there is to say about the daemon as a service.
 *
 * @param daemonPid Of the daemon that answers; `undefined` when none does.
 */
export function judgeService(facts: ServiceFacts, daemonPid: number | undefined): Finding[] {
  const { unit, states } = facts
  const loaded = states?.filter(({ load }) => load !== 'not-found') ?? []
  return [
    ...judgeUnit(unit, facts),
    ...loaded.flatMap(judgeState),
    ...loaded.flatMap(changes),
    ...sockets(loaded),
    ...otherDaemon(loaded, daemonPid),
    ...(unit.kind === 'missing' && states !== undefined && loaded.length === 0
      ? [ok('no service is installed', `to have systemd start the daemon: ${INSTALL}`)]
      : []),
  ]
}

/** Whether a service is there that could end with a logout. */
export function judgeLinger({ unit, states, lingers, isRemote }: ServiceFacts): Finding[] {
  if (lingers === undefined) return []
  if (lingers) return [ok('your services stay after the last logout')]
  const isInstalled =
    unit.kind !== 'missing' || states?.some(({ load }) => load === 'loaded') === true
  const what = 'your services end with your last logout'
  const advice = 'for jobs after it: loginctl enable-linger'
  return [isInstalled && isRemote ? warn(what, advice) : ok(what, advice)]
}

function judgeUnit(unit: UnitFact, { node, script }: ServiceFacts): Finding[] {
  if (unit.kind === 'missing') return []
  const { path } = unit
  if (unit.kind === 'unreadable') {
    return [fail(`unit ${path}: ${unit.detail}`, 'check who owns the file')]
  }
  const advice = unit.isOurs ? INSTALL : `correct ExecStart= in ${path}`
  if (unit.command === undefined) {
    return unit.isOurs
      ? [fail(`unit ${path} is not as it was written`, advice)]
      : [ok(`unit ${path} is not ours: what it starts is not known`)]
  }
  const { command } = unit
  const started = [command.program, ...(command.script === undefined ? [] : [command.script])]
  const gone = started.find(({ target }) => target === undefined)
  if (gone !== undefined) {
    return [fail(`the service starts ${gone.path}, which is not there`, advice)]
  }
  const drifts =
    command.script === undefined
      ? drift(command.program, script, 'command')
      : [...drift(command.program, node, 'node'), ...drift(command.script, script, 'command')]
  return drifts.length === 0
    ? [ok('the service starts this node and this command')]
    : drifts.map((what) => warn(what, advice))
}

function drift({ path, target }: ProgramFact, ours: string | undefined, noun: string): string[] {
  if (ours === undefined || target === ours) return []
  return [`the service starts another ${noun}: ${path}, and this is ${ours}`]
}

function judgeState({ name, load, active, needsReload }: UnitState): Finding[] {
  if (load === 'masked') {
    return [warn(`unit ${name} is masked`, `to use it: systemctl --user unmask ${name}`)]
  }
  if (load !== 'loaded') {
    return [fail(`systemd cannot load unit ${name}: ${load}`, INSTALL)]
  }
  const reload = needsReload
    ? [warn(`systemd has an older unit ${name}`, 'run: systemctl --user daemon-reload')]
    : []
  if (active !== 'failed') return [ok(`unit ${name} is ${active}`), ...reload]
  const why = `systemctl --user status ${name}`
  const again = `systemctl --user reset-failed ${name}`
  return [fail(`unit ${name} has failed`, `see why: ${why}, then: ${again}`), ...reload]
}

/** What the file of a unit says, and is compared above, is then not all. */
function changes({ name, dropIns }: UnitState): Finding[] {
  if (dropIns === undefined) return []
  return [
    ok(`unit ${name} is changed by ${dropIns}`, `to see it whole: systemctl --user cat ${name}`),
  ]
}

/** A service that runs without its sockets, or one that nothing starts. */
function sockets(loaded: readonly UnitState[]): Finding[] {
  const idle = loaded.filter(
    ({ name, load, active }) =>
      name.endsWith('.socket') && load === 'loaded' && active === 'inactive',
  )
  if (idle.length === 0) return []
  const names = idle.map(({ name }) => name).join(' ')
  return [warn(`systemd does not listen: ${names}`, `run: systemctl --user enable --now ${names}`)]
}

function otherDaemon(loaded: readonly UnitState[], daemonPid: number | undefined): Finding[] {
  const service = loaded.find(({ name }) => name.endsWith('.service'))
  if (daemonPid === undefined || service === undefined || service.mainPid === daemonPid) return []
  if (service.load !== 'loaded') return []
  return [
    warn(
      `the daemon that answers (pid ${daemonPid}) is not the one of the service`,
      'end it, and let systemd start its own',
    ),
  ]
}
