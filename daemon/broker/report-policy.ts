import type {
  PolicyCheckRequest,
  PolicyCheckResponse,
  PolicyFile,
  PolicyStatus,
} from '@grantd/client/protocol'
import type { ConfigFile } from '../config/config-file.ts'
import type { ConfigFiles } from '../config/config-files.ts'
import { parseConfig } from '../config/parse-config.ts'
import type { Rule } from '../config/rule.ts'

type File = Pick<ConfigFile, 'path' | 'hash' | 'problem'>

/** What is asked of the configuration files here. */
export type PolicyFiles = Pick<ConfigFiles, 'problem' | 'current'> & {
  readonly user: File
  readonly system: File | undefined
}

/** Both files and the rules in force; of broken files no rule is. */
export function reportPolicy(files: PolicyFiles): PolicyStatus {
  const { system, user } = files
  const described = [
    ...(system === undefined ? [] : [describe('system', system)]),
    describe('user', user),
  ]
  if (files.problem() !== undefined) return { files: described, rules: [] }
  const { policy } = files.current()
  return {
    files: described,
    mode: policy.mode,
    rules: [...named('system', policy.system), ...named('user', policy.user)],
  }
}

function named(level: PolicyFile['level'], rules: readonly Rule[]): PolicyStatus['rules'] {
  return rules.map(({ name, effect }) => ({ level, name, effect }))
}

/** What the daemon would say to a text, were it in the place of a file; nothing is changed. */
export function checkPolicy({ text, level = 'user' }: PolicyCheckRequest): PolicyCheckResponse {
  const parsed = parseConfig(text, level)
  if ('problem' in parsed) return { problem: parsed.problem }
  return { rules: parsed.config.rules.length }
}

function describe(level: PolicyFile['level'], file: File): PolicyFile {
  const sha256 = file.hash()
  const problem = file.problem()
  return {
    level,
    path: file.path,
    ...(sha256 !== undefined && { sha256 }),
    ...(problem !== undefined && { problem }),
  }
}
