import { MAX_ROTATION_GRACE_SECONDS, PATTERNS } from '@grantd/client/protocol'
import type { TableKind } from '../config/check-table.ts'
import {
  durationBetween,
  oneOrMore,
  TRUTH,
  textLike,
  type ValueKind,
  wholeNumber,
  wordOf,
} from '../config/value-kind.ts'
import type { Facts } from './preset.ts'

/** What a preset is called: a file name and a word on a command line. */
export const PRESET_NAME = new RegExp(PATTERNS.presetName)

/** What a value of a template is called. */
const VALUE_NAME = /^[a-z][a-z0-9_]{0,31}$/

/** An address of a document, for a person to open. */
const PAGE = textLike(/^https:\/\/[\x21\x23-\x7e]{1,500}$/, 'an https address')

/**
 * An address with values in it, or one value alone. Neither query nor fragment, nobody's name
 * before the host, and no way up.
 */
const TEMPLATE = textLike(
  /^(?!.*\.\.)(?:\{[a-z][a-z0-9_]*\}|https:\/\/(?:[a-z0-9.-]|\{[a-z][a-z0-9_]*\})+(?::\d{1,5})?(?:\/(?:[A-Za-z0-9._~/-]|\{[a-z][a-z0-9_]*\})*)?)$/,
  'an https address without query, such as "https://{host}/token"',
)

const TEXT = textLike(/^[\x20-\x7e]{1,200}$/, '1 to 200 printable characters')

/** Ours, or what makes one login another: no preset says them. */
const RESERVED =
  'client_id|client_secret|client_assertion|client_assertion_type|code_challenge|code_challenge_method|dpop_jkt|nonce|redirect_uri|request|request_uri|resource|response_mode|response_type|scope|state'

const YEAR_SECONDS = 31_622_400
const LIFETIME = durationBetween(1, 10 * YEAR_SECONDS)
const WORDS = oneOrMore(textLike(/^[A-Za-z0-9_.-]{1,64}$/, 'a word'))

type KindsOf<T> = { readonly [K in keyof T]-?: ValueKind<IsOf<NonNullable<T[K]>>> }
type IsOf<T> = T extends { readonly is: infer Is } ? Is : never

/** What each fact may be. */
export const FACT_KINDS: KindsOf<Facts> = {
  client_authentication: oneOrMore(
    wordOf([
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
    ]),
  ),
  device_flow: TRUTH,
  scope_delimiter: wordOf(['space', 'comma']),
  audience: wordOf(['resource', 'scope-prefix', 'audience-parameter', 'none']),
  refresh_tokens: TRUTH,
  rotation: wordOf(['none', 'each', 'sometimes']),
  rotation_grace: wholeNumber(0, MAX_ROTATION_GRACE_SECONDS),
  reuse: wordOf(['family', 'reject']),
  scope_narrowing: wordOf(['honored', 'ignored', 'sticky', 'none']),
  refresh_ends_access_tokens: TRUTH,
  access_token_lifetime: LIFETIME,
  refresh_token_idle: LIFETIME,
  refresh_token_max: LIFETIME,
  revocation: wordOf(['rfc7009', 'other', 'none']),
  errors: wordOf(['rfc', '200-error', 'ok-false', 'form', 'aws-json']),
  dead_errors: WORDS,
}

/** The table `[preset]`. */
export const PRESET = {
  title: TEXT,
  documentation: PAGE,
  client_registration: PAGE,
  default_scope: textLike(new RegExp(PATTERNS.scope), 'scopes, separated by one blank'),
}

/** A table `[value.NAME]`. */
export const VALUE = {
  kind: wordOf(['host', 'label', 'address']),
  text: TEXT,
  default: TEXT,
}

/** The table `[issuer]`. */
export const ISSUER = {
  identifier: TEMPLATE,
  discovery: TRUTH,
  other_origins: TRUTH,
  authorization_endpoint: TEMPLATE,
  token_endpoint: TEMPLATE,
  device_authorization_endpoint: TEMPLATE,
  revocation_endpoint: TEMPLATE,
}

/** What stands beside a fact. */
export const FACT = { known: wordOf(['observed', 'documented', 'believed']), source: PAGE }

/** A parameter of the authorization request. */
const PARAMETER = textLike(/^[\x21-\x7e]{1,200}$/, '1 to 200 characters without blanks')

/** The whole file. There is no key for a secret, and what has none is refused. */
export const FILE: TableKind = {
  keys: {
    preset: { keys: PRESET },
    value: { names: VALUE_NAME, each: { keys: VALUE } },
    issuer: { keys: ISSUER },
    authorization: {
      names: new RegExp(`^(?!(?:${RESERVED})$)[a-z][a-z0-9_]{0,63}$`),
      each: PARAMETER,
    },
    fact: {
      keys: Object.fromEntries(
        Object.entries(FACT_KINDS).map(([name, is]) => [name, { keys: { is, ...FACT } }]),
      ),
    },
  },
}
