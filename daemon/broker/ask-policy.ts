import type { QuestionOfNow } from '../policy/current-policy.ts'
import type { Caller, Rooms } from './rooms.ts'

/**
 * What policy is asked about a caller. The hash of its executable is read only where a
 * rule selects by one.
 */
export async function policyQuestion(
  rooms: Pick<Rooms, 'policy'>,
  caller: Caller,
  wanted: Pick<QuestionOfNow, 'grant' | 'scope' | 'audience'>,
): Promise<QuestionOfNow> {
  const { peer, listener, capability, inquiry } = caller
  const executableSha256 = rooms.policy.needsHash() ? await inquiry.executableHash() : undefined
  return { peer, listener, capability, executableSha256, ...wanted }
}
