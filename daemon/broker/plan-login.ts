import { GrantdError, type LoginRequest } from '@grantd/client/protocol'
import type { GrantPreset, IssuerMetadata } from '../grant/grant.ts'
import { formatScope, parseScope } from '../grant/scope.ts'
import { type FilledPreset, fillPreset } from '../preset/fill-preset.ts'
import type { Fact, Preset } from '../preset/preset.ts'
import type { PresetShelf } from '../preset/preset-shelf.ts'
import { requirePreset } from './list-presets.ts'

/** A login as it will be done: what it left to a preset is filled in. */
export interface LoginPlan extends Omit<LoginRequest, 'issuer' | 'preset' | 'preset_values'> {
  readonly issuer: string
  readonly preset?: GrantPreset
  /** Of an issuer that has no metadata document. */
  readonly stated?: IssuerMetadata
  /** In which form the issuer answers, where that is not JSON. */
  readonly answers?: 'form'
  /** More parameters of the authorization request. */
  readonly authorization?: Readonly<Record<string, string>>
  /** Where a person registers a client. */
  readonly clientRegistration?: string
}

/**
 * Fills in what a preset says; what the request says itself counts instead.
 *
 * What is only believed makes nothing riskier: it is never a reason to ask for fewer scopes at a
 * refresh, nor to send a refresh token twice.
 *
 * @throws GrantdError `invalid_request`, `config_invalid` when the preset's file is broken
 */
export function planLogin(shelf: PresetShelf, request: LoginRequest): LoginPlan {
  const { issuer, preset: name, preset_values: given, ...rest } = request
  if ((issuer === undefined) === (name === undefined))
    throw refusal('one of "issuer" and "preset" is needed')
  if (issuer !== undefined && given !== undefined)
    throw refusal('"preset_values" goes with "preset"')
  if (name === undefined) return { ...rest, issuer: issuer ?? '' }
  const { preset } = requirePreset(shelf, name)
  const filled = fillPreset(preset, given ?? {})
  if ('problem' in filled)
    throw refusal(filled.problem, `grantd preset show ${name}; add --preset-value NAME=VALUE`)
  refuseImpossible(preset, filled, request)
  const { facts, authorization, clientRegistration, defaultScope } = preset
  const stated = statedMetadata(preset, filled)
  const scope = scopeOf(request.scope, defaultScope)
  const narrowing = request.scope_narrowing ?? certain(facts.scope_narrowing)
  const grace = request.rotation_grace ?? certain(facts.rotation_grace)
  const endsTokens =
    request.refresh_invalidates_access_tokens ?? facts.refresh_ends_access_tokens?.is
  return {
    ...rest,
    issuer: filled.issuer,
    preset: { name, values: filled.values },
    ...(stated !== undefined && { stated }),
    ...(facts.errors?.is === 'form' && { answers: 'form' }),
    ...(Object.keys(authorization).length > 0 && { authorization }),
    ...(clientRegistration !== undefined && { clientRegistration }),
    ...(scope !== undefined && { scope }),
    ...(narrowing !== undefined && { scope_narrowing: narrowing }),
    ...(grace !== undefined && { rotation_grace: grace }),
    ...(endsTokens !== undefined && { refresh_invalidates_access_tokens: endsTokens }),
  }
}

/** Where the preset has it, it is always asked for: without it there is nothing to keep. */
const NEEDED_TO_KEEP = 'offline_access'

function scopeOf(asked: string | undefined, usual: string | undefined): string | undefined {
  if (asked === undefined || !parseScope(usual ?? '').includes(NEEDED_TO_KEEP))
    return asked ?? usual
  return formatScope([...new Set([...parseScope(asked), NEEDED_TO_KEEP])])
}

/** A refusal with status 200 is one for the issuer room anyway: it goes by `error`. */
const UNDERSTOOD: readonly string[] = ['rfc', '200-error', 'form']

/** What a login at such an issuer cannot end well with. */
function refuseImpossible(
  preset: Preset,
  { endpoints }: FilledPreset,
  request: LoginRequest,
): void {
  const { title, facts } = preset
  const errors = facts.errors?.is ?? 'rfc'
  if (!UNDERSTOOD.includes(errors))
    throw refusal(
      `${title} answers in a form of its own ("${errors}"), which is not understood yet`,
    )
  if (certain(facts.refresh_tokens) === false)
    throw refusal(`${title} gives no refresh token, so there is nothing to keep`)
  const hasDevice = endpoints === undefined || endpoints.device_authorization_endpoint !== undefined
  if (request.flow === 'device' && (!hasDevice || certain(facts.device_flow) === false))
    throw refusal(`${title} has no device flow`, 'add --flow browser')
  if (request.flow === 'browser' && endpoints && endpoints.authorization_endpoint === undefined)
    throw refusal(`${title} has no browser flow`, 'add --flow device')
  const audience = certain(facts.audience)
  if (audience !== undefined && audience !== 'resource' && (request.audience ?? []).length > 0)
    throw refusal(
      `${title} knows no audience as "resource" (RFC 8707)`,
      'leave --audience out; a preset of your own can have one in [authorization]',
    )
}

function statedMetadata(
  { facts }: Preset,
  { issuer, endpoints }: FilledPreset,
): IssuerMetadata | undefined {
  if (endpoints?.token_endpoint === undefined) return undefined
  const methods = facts.client_authentication?.is
  return {
    ...endpoints,
    issuer,
    token_endpoint: endpoints.token_endpoint,
    ...(methods !== undefined && { token_endpoint_auth_methods_supported: methods }),
  }
}

function certain<T>(fact: Fact<T> | undefined): T | undefined {
  return fact === undefined || fact.known === 'believed' ? undefined : fact.is
}

function refusal(text: string, hint?: string): GrantdError {
  return new GrantdError('invalid_request', text, hint === undefined ? {} : { hint })
}
