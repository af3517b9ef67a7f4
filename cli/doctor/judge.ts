import { judgeClocks } from './clocks.ts'
import type { DoctorFacts } from './facts.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import { judgeOpenness } from './hardening.ts'
import { judgePolicy } from './judge-policy.ts'
import { judgeReach } from './judge-reach.ts'
import { judgeLinger, judgeService } from './judge-service.ts'
import { judgeSystem } from './judge-system.ts'
import { judgeVault } from './judge-vault.ts'
import { judgeLeftovers } from './leftovers.ts'
import { isSetUpByRoot, judgeRootsService } from './set-up-by-root.ts'

/** The oldest Node that is tested, `engines` in package.json. */
const OLDEST_NODE = { major: 20, minor: 12 }

/** Everything there is to say about the facts, the cause before its effects. */
export function judgeFacts(facts: DoctorFacts, ourVersion: string): Finding[] {
  const { status, service, system, openness, uid, platform } = facts
  const answered = status.kind === 'answer' ? status.value : undefined
  const isRoots = isSetUpByRoot(facts)
  return [
    node(facts),
    ...place(facts),
    ...(isRoots ? judgeRootsService() : judgeService(service, answered?.pid)),
    ...judgeReach(facts, ourVersion),
    ...(answered === undefined
      ? []
      : [
          ...judgeVault(answered.vault, facts.vault),
          ...judgePolicy(answered, facts.policy, facts.configFile),
        ]),
    ...judgeOpenness(openness, uid),
    ...(system === undefined ? [] : judgeSystem(system, facts.isUnswappable)),
    ...(isRoots ? [] : judgeLinger(service)),
    ...judgeLeftovers(facts.leftovers, uid),
    ...judgeClocks(facts.clocks, platform),
  ]
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
