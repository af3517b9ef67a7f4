import type { AuditLog } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { ConfigFiles } from '../config/config-files.ts'

/** The part of the configuration files that this room looks at. */
type Files = Pick<ConfigFiles, 'problem' | 'seen'> & {
  readonly user: Pick<ConfigFiles['user'], 'hash'>
  readonly system: Pick<ConfigFiles['user'], 'hash'> | undefined
}

/** The hashes of both files, as a record has them. */
type PolicyHashes = Pick<AuditEntry, 'systemPolicy' | 'userPolicy'>

/**
 * Puts every change of the policy files on record before anything is handed out under it,
 * and tells whoever remembers decisions.
 */
export class PolicyWatch {
  readonly #files: Files
  readonly #audit: Pick<AuditLog, 'append'>
  readonly #onChange: () => void
  #recorded: string
  #seen: object | undefined

  /**
   * @param options.onChange Called with every change, also with one that cannot be recorded.
   */
  constructor(options: {
    readonly files: Files
    readonly audit: Pick<AuditLog, 'append'>
    readonly onChange: () => void
  }) {
    this.#files = options.files
    this.#audit = options.audit
    this.#onChange = options.onChange
    // files that are broken from the start are on record with the first look
    this.#recorded = options.files.problem() === undefined ? this.#state() : ''
  }

  /** What is in force now; on record with the start. */
  hashes(): PolicyHashes {
    const systemPolicy = this.#files.system?.hash()
    const userPolicy = this.#files.user.hash()
    return {
      ...(systemPolicy !== undefined && { systemPolicy }),
      ...(userPolicy !== undefined && { userPolicy }),
    }
  }

  /**
   * Looks whether something changed.
   *
   * @throws GrantdError `audit_unavailable`; it is tried again with the next look
   */
  look(): void {
    const seen = this.#files.seen()
    if (seen === this.#seen) return
    const state = this.#state()
    if (state !== this.#recorded) this.#record(state)
    this.#seen = seen
  }

  #record(state: string): void {
    this.#onChange()
    const reason = this.#files.problem()
    this.#audit.append({
      event: reason === undefined ? 'policy.changed' : 'policy.broken',
      ...(reason !== undefined && { reason }),
      ...this.hashes(),
    })
    this.#recorded = state
  }

  #state(): string {
    const { systemPolicy, userPolicy } = this.hashes()
    return JSON.stringify([this.#files.problem(), systemPolicy, userPolicy])
  }
}
