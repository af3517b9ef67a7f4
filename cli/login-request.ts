import {
  type LoginFlow,
  type LoginRequest,
  MAX_ROTATION_GRACE_SECONDS,
  type ScopeNarrowing,
} from '@grantd/client/protocol'
import { onlyGrantName } from './grant-name.ts'
import type { OPTIONS } from './login-options.ts'
import type { Parsed } from './options.ts'
import { UsageError } from './usage-error.ts'

const FLOWS: readonly LoginFlow[] = ['browser', 'device']
const NARROWINGS: readonly ScopeNarrowing[] = ['honored', 'ignored', 'sticky', 'none']

/**
 * The login the command line asks for, without the client secret.
 *
 * @param fallback Flow where the command line names none.
 * @throws UsageError
 */
export function loginRequest(
  { values, positionals }: Parsed<typeof OPTIONS>,
  fallback: LoginFlow,
): LoginRequest {
  const grace = seconds('--rotation-grace', values['rotation-grace'])
  const narrowing = oneOf('--scope-narrowing', NARROWINGS, values['scope-narrowing'])
  const clientId = values['client-id']
  if (clientId === '') throw new UsageError('--client-id is empty')
  if (clientId !== undefined && values['registration-token-stdin'] === true)
    throw new UsageError('--registration-token-stdin is for a login without --client-id')
  if (clientId === undefined && values['client-secret-stdin'] === true)
    throw new UsageError('--client-secret-stdin needs --client-id')
  const scopes = new Set(values.scope?.flatMap((words) => words.split(/\s+/)).filter(Boolean))
  return {
    grant: onlyGrantName(positionals),
    issuer: issuerOf(values.issuer, positionals),
    ...(clientId === undefined ? {} : { client_id: clientId }),
    flow: oneOf('--flow', FLOWS, values.flow) ?? fallback,
    ...(scopes.size === 0 ? {} : { scope: [...scopes].join(' ') }),
    ...(values.audience === undefined ? {} : { audience: values.audience }),
    ...(narrowing === undefined ? {} : { scope_narrowing: narrowing }),
    ...(grace === undefined ? {} : { rotation_grace: grace }),
    ...(values['refresh-ends-tokens'] === true ? { refresh_invalidates_access_tokens: true } : {}),
  }
}

/** Hints name the grant alone: who follows one is told where the rest of it can be seen. */
function issuerOf(value: string | undefined, [grant = '']: readonly string[]): string {
  if (value === undefined || value === '')
    throw new UsageError(
      '--issuer is missing',
      `how an earlier login was done says: grantd show ${grant}`,
    )
  // http: is left to the daemon, which takes it where it was told to, for tests
  if (!/^https?:\/\/[^/]/.test(value))
    throw new UsageError('--issuer takes an address such as https://login.example.com')
  return value
}

function seconds(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (!(count <= MAX_ROTATION_GRACE_SECONDS)) {
    throw new UsageError(`${option} takes seconds, 0 to ${MAX_ROTATION_GRACE_SECONDS}`)
  }
  return count
}

function oneOf<T extends string>(
  option: string,
  known: readonly T[],
  value: string | undefined,
): T | undefined {
  const found = known.find((word) => word === value)
  if (value !== undefined && found === undefined) {
    throw new UsageError(`${option} takes one of ${known.join(', ')}`)
  }
  return found
}
