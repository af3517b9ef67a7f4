import { type ConfigFile, type ConfigState, configInvalid } from './config-file.ts'
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
  #last: Seen | undefined

  /** @param options.system Absent: there is no system file. */
  constructor(options: { readonly user: ConfigFile; readonly system?: ConfigFile | undefined }) {
    this.path = options.user.path
    this.user = options.user
    this.system = options.system
  }

  /** What is wrong with one of the files; the system's first. */
  problem(): string | undefined {
    const { together } = this.#look()
    return together.kind === 'broken' ? together.problem : undefined
  }

  /** @throws GrantdError `config_invalid` */
  current(): EffectiveConfig {
    const { together } = this.#look()
    if (together.kind === 'good') return together.config
    throw configInvalid(together.problem)
  }

  /** The same; `undefined` while there is a problem: of a broken file nothing stands. */
  usable(): EffectiveConfig | undefined {
    const { together } = this.#look()
    return together.kind === 'good' ? together.config : undefined
  }

  /** Looks at both files at once. */
  reload(): void {
    this.system?.reload()
    this.user.reload()
  }

  /** The same object for as long as nothing was changed in either file. */
  seen(): object {
    return this.#look()
  }

  #look(): Seen {
    const now = this.user.now()
    const system = this.system?.look(now)
    const user = this.user.look(now)
    if (this.#last?.user !== user || this.#last.system !== system)
      this.#last = { user, system, together: judge(user, system) }
    return this.#last
  }
}

/** What both files said at one look. */
interface Seen {
  readonly user: ConfigState
  readonly system: ConfigState | undefined
  readonly together:
    | { readonly kind: 'good'; readonly config: EffectiveConfig }
    | { readonly kind: 'broken'; readonly problem: string }
}

function judge(user: ConfigState, system: ConfigState | undefined): Seen['together'] {
  if (system?.kind === 'broken') return system
  if (user.kind === 'broken') return user
  return { kind: 'good', config: combine(user.config, system?.config) }
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
