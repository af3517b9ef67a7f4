import { MAX_ROTATION_GRACE_SECONDS, MAX_URL_LENGTH, PATTERNS } from '@grantd/client/protocol'
import { MAX_LOGIN_WAIT_SECONDS } from '../../base/limits.ts'
import { problem } from './answers.ts'
import { grantDetail } from './grants.ts'
import { anyInteger, anyString, audience, closed, grantName, scope, text } from './parts.ts'
import { presetName } from './presets.ts'

/** Body of `POST /v1/logins`. */
export const loginRequest = closed(
  {
    grant: grantName,
    issuer: audience,
    preset: presetName,
    preset_values: {
      type: 'object',
      maxProperties: 16,
      propertyNames: text('^[a-z][a-z0-9_]{0,31}$', 32),
      additionalProperties: text('^[\\x21-\\x7e]+$', MAX_URL_LENGTH),
    },
    client_id: text(PATTERNS.clientId, 512),
    client_secret: text(PATTERNS.clientId, 512),
    registration_token: text(PATTERNS.bearerToken, 4096),
    scope,
    audience: { type: 'array', items: audience, maxItems: 16, uniqueItems: true },
    flow: { enum: ['device', 'browser'] },
    scope_narrowing: { enum: ['honored', 'ignored', 'sticky', 'none'] },
    rotation_grace: { type: 'integer', minimum: 0, maximum: MAX_ROTATION_GRACE_SECONDS },
    refresh_invalidates_access_tokens: { type: 'boolean' },
  },
  ['grant', 'flow'],
)

/** The id of a login in a path. */
export const loginParams = closed({ id: text(PATTERNS.loginId, 22) }, ['id'])

/** Query strings are text: whole seconds of a long poll. */
const seconds = Array.from({ length: MAX_LOGIN_WAIT_SECONDS + 1 }, (_, second) => String(second))

/** How long to wait for its end. */
export const loginQuery = closed({ wait: { enum: seconds } }, [])

/** A login as it stands. */
export const loginView = closed(
  {
    id: anyString,
    grant: anyString,
    flow: anyString,
    state: anyString,
    joined: { type: 'boolean' },
    verification_uri: anyString,
    verification_uri_complete: anyString,
    user_code: anyString,
    authorization_uri: anyString,
    expires_in: anyInteger,
    problem,
    result: grantDetail,
    notice: anyString,
  },
  ['id', 'grant', 'flow', 'state', 'joined', 'expires_in'],
)
