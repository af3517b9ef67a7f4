import {
  type LoginFlow,
  type LoginRequest,
  MAX_ROTATION_GRACE_SECONDS,
  type ScopeNarrowing,
} from '@grantd/client/protocol'
import type { EarlierLogin } from './earlier-login.ts'
import { onlyGrantName } from './grant-name.ts'
import type { OPTIONS } from './login-options.ts'
import type { Parsed } from './options.ts'
import { UsageError } from './usage-error.ts'

const FLOWS: readonly LoginFlow[] = ['browser', 'device']
const NARROWINGS: readonly ScopeNarrowing[] = ['honored', 'ignored', 'sticky', 'none']

/**
 * The login the command line asks for, without the client secret.
 *
 * @param fallback Flow where nobody names one.
 * @param earlier What the command line leaves out, when it names no issuer.
 * @throws UsageError
 */
export function loginRequest(
  { values, positionals }: Parsed<typeof OPTIONS>,
  fallback: LoginFlow,
  earlier?: EarlierLogin,
): LoginRequest {
  const grace = seconds('--rotation-grace', values['rotation-grace'])
  const narrowing = oneOf('--scope-narrowing', NARROWINGS, values['scope-narrowing'])
  const clientId = values['client-id'] ?? earlier?.client_id
  if (clientId === '') throw new UsageError('--client-id is empty')
  if (clientId !== undefined && values['registration-token-stdin'] === true)
    throw new UsageError('--registration-token-stdin is for a login without --client-id')
  if (clientId === undefined && values['client-secret-stdin'] === true)
    throw new UsageError('--client-secret-stdin needs --client-id')
  const scopes = new Set(values.scope?.flatMap((words) => words.split(/\s+/)).filter(Boolean))
  return {
    ...earlier,
    grant: onlyGrantName(positionals),
    ...where(values, positionals, earlier),
    ...(clientId === undefined ? {} : { client_id: clientId }),
    flow: oneOf('--flow', FLOWS, values.flow) ?? earlier?.flow ?? fallback,
    ...(scopes.size === 0 ? {} : { scope: [...scopes].join(' ') }),
    ...(values.audience === undefined ? {} : { audience: values.audience }),
    ...(narrowing === undefined ? {} : { scope_narrowing: narrowing }),
    ...(grace === undefined ? {} : { rotation_grace: grace }),
    ...(values['refresh-ends-tokens'] === true ? { refresh_invalidates_access_tokens: true } : {}),
  }
}

/** The issuer, or the preset that says where it is. */
function where(
  values: Parsed<typeof OPTIONS>['values'],
  positionals: readonly string[],
  earlier: EarlierLogin | undefined,
): Pick<LoginRequest, 'issuer' | 'preset' | 'preset_values'> {
  const preset = values.preset ?? earlier?.preset
  if (values.preset !== undefined && values.issuer !== undefined)
    throw new UsageError('--preset and --issuer exclude each other')
  if (preset === undefined || values.issuer !== undefined) {
    if (values['preset-value'] !== undefined)
      throw new UsageError('--preset-value goes with --preset')
    return { issuer: issuerOf(values.issuer ?? earlier?.issuer, positionals) }
  }
  const said = (values['preset-value'] ?? []).map((text) => {
    const [, name, value] = /^([a-z][a-z0-9_]*)=(.+)$/.exec(text) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError('--preset-value takes NAME=VALUE, such as host=git.example.com')
    return [name, value] as const
  })
  const all = { ...earlier?.preset_values, ...Object.fromEntries(said) }
  return { preset, ...(Object.keys(all).length > 0 && { preset_values: all }) }
}

function issuerOf(value: string | undefined, [grant = '']: readonly string[]): string {
  if (value === undefined || value === '')
    throw new UsageError(
      '--issuer is missing',
      `only a login that is done again needs none, and "${grant}" has had none`,
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
