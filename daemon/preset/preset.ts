import type { ScopeNarrowing } from '@grantd/client/protocol'

/** How a statement came about: seen at the issuer itself, read in its documents, or neither. */
type Known = 'observed' | 'documented' | 'believed'

/** One statement about an issuer. */
export interface Fact<T> {
  readonly is: T
  readonly known: Known
  /** Where it is written. */
  readonly source?: string
}

/** What an issuer does, as far as somebody said so; lifetimes in seconds. */
export interface Facts {
  readonly client_authentication?: Fact<readonly string[]>
  readonly device_flow?: Fact<boolean>
  readonly scope_delimiter?: Fact<'space' | 'comma'>
  /** How a token is asked for that is for one API. */
  readonly audience?: Fact<'resource' | 'scope-prefix' | 'audience-parameter' | 'none'>
  /** False where there are none at all. */
  readonly refresh_tokens?: Fact<boolean>
  readonly rotation?: Fact<'none' | 'each' | 'sometimes'>
  /** Seconds. */
  readonly rotation_grace?: Fact<number>
  /** What becomes of the others when a used refresh token comes again. */
  readonly reuse?: Fact<'family' | 'reject'>
  readonly scope_narrowing?: Fact<ScopeNarrowing>
  readonly refresh_ends_access_tokens?: Fact<boolean>
  readonly access_token_lifetime?: Fact<number>
  readonly refresh_token_idle?: Fact<number>
  readonly refresh_token_max?: Fact<number>
  readonly revocation?: Fact<'rfc7009' | 'other' | 'none'>
  readonly errors?: Fact<ErrorStyle>
  /** Words for a dead refresh token, besides `invalid_grant`. */
  readonly dead_errors?: Fact<readonly string[]>
}

/** In which form an issuer answers; `rfc` is that of RFC 6749 §5. */
type ErrorStyle = 'rfc' | '200-error' | 'ok-false' | 'form' | 'aws-json'

/** What a value of a template may be: a host, one part of a path or host, a whole address. */
export type ValueKindName = 'host' | 'label' | 'address'

/** Something a login has to say, where there is no default. */
export interface PresetValue {
  readonly kind: ValueKindName
  /** For a person. */
  readonly text: string
  readonly default?: string
}

/** Where an issuer is; every text may have values in it, such as `https://{host}`. */
export interface IssuerTemplate {
  readonly identifier: string
  /** False where there is no metadata document: the endpoints stand here then. */
  readonly discovery: boolean
  readonly endpoints: Readonly<Partial<Record<EndpointName, string>>>
}

/** The endpoints a preset may name, RFC 8414 names. */
export type EndpointName = (typeof ENDPOINT_NAMES)[number]

/** In the order they are shown. */
export const ENDPOINT_NAMES = [
  'authorization_endpoint',
  'token_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
] as const

/** What is known about an issuer before anybody has asked it anything. */
export interface Preset {
  readonly name: string
  readonly title: string
  readonly documentation?: string
  /** Where a person registers a client. */
  readonly clientRegistration?: string
  /** Asked for where a login names none. */
  readonly defaultScope?: string
  readonly values: Readonly<Record<string, PresetValue>>
  readonly issuer: IssuerTemplate
  /** More parameters of the authorization request. */
  readonly authorization: Readonly<Record<string, string>>
  readonly facts: Facts
}
