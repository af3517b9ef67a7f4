import type { ConfigFile } from './config-file.ts'
import type { Lifetime } from './lifetime.ts'
import type { Config, PolicyMode } from './parse-config.ts'
import type { Rule } from './rule.ts'

/** The rules of both levels. */
export interface Policy {
  /** Of the user's rules; the system's are never just tried out. */
  readonly mode: PolicyMode
  readonly system: readonly Rule[]
  readonly user: readonly Rule[]
}

/** What stands while no rule was written. */
export const NO_RULES: Policy = { mode: 'enforce', system: [], user: [] }

/** The user's configuration under what the system's file narrows. */
export interface EffectiveConfig extends Config {
  readonly ceiling: Lifetime
  readonly policy: Policy
}

/** Both levels as they are now. A problem in either is a problem of both. */
export class ConfigFiles {
  /** The user's file: the one a person is sent to. */
  readonly path: string
  readonly user: ConfigFile
  readonly system: ConfigFile | undefined
  #last:
    | { readonly user: Config; readonly system: Config | undefined; config: EffectiveConfig }
    | undefined

  /** @param options.system Absent: there is no system file. */
  constructor(options: { readonly user: ConfigFile; readonly system?: ConfigFile | undefined }) {
    this.path = options.user.path
    this.user = options.user
    this.system = options.system
  }

  /** What is wrong with one of the files; the system's first. */
  problem(): string | undefined {
    return this.system?.problem() ?? this.user.problem()
  }

  /** @throws GrantdError `config_invalid` */
  current(): EffectiveConfig {
    const system = this.system?.current()
    const user = this.user.current()
    if (this.#last?.user !== user || this.#last.system !== system)
      this.#last = { user, system, config: combine(user, system) }
    return this.#last.config
  }
}

function combine(user: Config, system: Config | undefined): EffectiveConfig {
  return {
    ...user,
    ceiling: system?.lifetime ?? {},
    policy: {
      mode: system?.mode ?? user.mode ?? 'enforce',
      system: system?.rules ?? [],
      user: user.rules,
    },
  }
}
