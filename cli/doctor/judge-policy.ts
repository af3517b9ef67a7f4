import type { PolicyFile, PolicyStatus, Status } from '@grantd/client/protocol'
import type { Reply } from './daemon-facts.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import type { PathFact } from './look.ts'

/**
 * What there is to say about configuration and rules.
 *
 * @param config As the status tells, which older daemons do as well.
 * @param file What stands at its path.
 */
export function judgePolicy(
  { config, break_glass: lifted = [] }: Pick<Status, 'config' | 'break_glass'>,
  reply: Reply<PolicyStatus>,
  file: PathFact | undefined,
): Finding[] {
  const files: readonly PolicyFile[] =
    reply.kind === 'answer' ? reply.value.files : [{ level: 'user', ...config }]
  return [
    ...files.flatMap((each) => judgeFile(each, file)),
    ...(reply.kind === 'answer' && reply.value.mode === 'audit'
      ? [warn('the rules are only tried out: they refuse nothing', 'set mode = "enforce"')]
      : []),
    ...lifted.map(({ grant, seconds_left: seconds }) =>
      warn(
        `rules are lifted for "${grant}", ${seconds} s more`,
        `to put them back: grantd break-glass --end ${grant}`,
      ),
    ),
  ]
}

function judgeFile(
  { level, path, problem, sha256 }: PolicyFile,
  file: PathFact | undefined,
): Finding[] {
  const what = `configuration ${path}`
  if (problem !== undefined) {
    // The daemon's sentence names the place in the file, path first.
    const where = problem.startsWith(path) ? problem.slice(path.length) : `: ${problem}`
    const advice = level === 'system' ? 'have root correct the file' : 'correct the file'
    return [fail(what + where, `${advice}; what is wrong: grantd policy check ${path}`)]
  }
  if (level === 'system') return sha256 === undefined ? [] : [ok(what)]
  return [ok(file?.kind === 'missing' ? `${what}: none, defaults` : what)]
}
