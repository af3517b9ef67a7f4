import type { Help } from './command.ts'
import { JSON_OPTION } from './options.ts'

/** Help of `grantd login`. */
export const HELP: Help = {
  usage: 'grantd login GRANT [--issuer URL | --preset NAME] [--client-id ID] [OPTION]...',
  about: [
    'Logs in once at an issuer; the daemon keeps the refresh token, under the name GRANT.',
    'A preset says where an issuer is and fills in what is left out here: scopes, narrowing, grace.',
    'Without --issuer and --preset an earlier login of GRANT is done again; options given count instead.',
    'Without --client-id one is registered for this machine, where the issuer offers that',
    '(RFC 7591); it is used again by the next login of GRANT, and deleted with its revocation.',
    'Without --flow: a browser if a person at a local display asks, else the device flow.',
    'A browser is opened only from a terminal; its address is always printed as well.',
    'Ctrl-C cancels a login this command started, and leaves one it only joined.',
    'KIND is what the issuer does when a refresh asks for fewer scopes: honored (this token has',
    'fewer), ignored (it has all), sticky (the grant shrinks for good), none (unknown; default).',
    'Only after honored can "grantd token --scope" ask for fewer scopes than were granted.',
    'After --refresh-ends-tokens all callers share one token, and it is renewed late.',
    'With --json: one line for the pending login, one for its end; nothing else on stdout.',
  ],
  example: {
    line: 'grantd login work --issuer https://as.example --client-id cli --scope "offline_access read"',
    text: 'a public client; OpenID issuers give a refresh token only for offline_access',
  },
}

/** Options of `grantd login`. */
export const OPTIONS = {
  issuer: { type: 'string', value: 'URL', text: 'issuer identifier' },
  preset: {
    type: 'string',
    value: 'NAME',
    text: 'a preset in place of an issuer (grantd preset list)',
  },
  'preset-value': {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    text: 'what that preset wants to be told; repeat it',
  },
  'client-id': { type: 'string', value: 'ID', text: 'client_id at that issuer' },
  'client-secret-stdin': { type: 'boolean', text: 'read the client secret from stdin' },
  'registration-token-stdin': {
    type: 'boolean',
    text: 'read the token the issuer wants for that from stdin',
  },
  scope: {
    type: 'string',
    multiple: true,
    value: 'SCOPE',
    text: 'scopes to ask for; repeat it, or separate by spaces',
  },
  audience: {
    type: 'string',
    multiple: true,
    value: 'URI',
    text: 'an API the tokens are for (RFC 8707); repeat it; the first is default',
  },
  flow: { type: 'string', value: 'FLOW', text: 'browser or device' },
  'scope-narrowing': {
    type: 'string',
    value: 'KIND',
    text: 'fewer scopes at refresh: honored, ignored, sticky, none',
  },
  'rotation-grace': {
    type: 'string',
    value: 'SECONDS',
    text: 'for how long the issuer answers a used refresh token again; 0: never',
  },
  'refresh-ends-tokens': {
    type: 'boolean',
    text: 'a refresh at this issuer ends the access tokens before it',
  },
  'no-browser': { type: 'boolean', text: 'do not open a browser, only print the address' },
  'no-qr': { type: 'boolean', text: 'do not draw a QR code' },
  json: JSON_OPTION,
} as const
