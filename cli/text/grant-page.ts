import type { GrantDetail } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { usesText } from './capability-table.ts'
import { columns } from './columns.ts'
import { exposureText } from './exposure-text.ts'
import { type LocalClock, moment } from './moment.ts'
import {
  accessTokensSentence,
  clientSentence,
  residualSentence,
  revocationSentence,
} from './revoke-text.ts'

/** `grantd show`: everything the daemon tells about one grant, one fact a line. */
export function grantPage(grant: GrantDetail, clock: LocalClock): string {
  const rows: [string, string | undefined][] = [
    ['grant', grant.grant],
    ['state', grant.reason === undefined ? grant.state : `${grant.state}: ${grant.reason}`],
    ['issuer', grant.issuer],
    ['preset', presetWords(grant)],
    ['subject', grant.subject],
    ['client', grant.client_id],
    ['flow', grant.flow],
    ...scopeRows(grant),
    ['narrowing', NARROWING[grant.scope_narrowing]],
    ['grace', grant.rotation_grace === undefined ? undefined : `${grant.rotation_grace} s`],
    ['sharing', grant.refresh_invalidates_access_tokens && SHARING],
    ['generation', String(grant.generation)],
    ['logged in', moment(grant.created_at, clock)],
    ['refreshed', grant.last_refreshed_at && moment(grant.last_refreshed_at, clock)],
    ['last used', grant.last_used_at ? moment(grant.last_used_at, clock) : 'never'],
    ...usedByRows(grant, clock),
    ['exposure', exposureText(grant)],
    ...capabilityRows(grant),
    ['revocation', grant.revocation === 'none' ? undefined : revocationSentence(grant, clock)],
    ['tokens', accessTokensSentence(grant.access_tokens)],
    ['registered', clientSentence(grant)],
    ['residual', grant.residual_until && residualSentence(grant.residual_until, clock)],
  ]
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined)
  return columns(known.map(([name, value]) => [name, printable(value)]))
    .map((line) => `${line}\n`)
    .join('')
}

function presetWords({ preset, preset_values = {} }: GrantDetail): string | undefined {
  if (preset === undefined) return undefined
  return [preset, ...Object.entries(preset_values).map((value) => value.join('='))].join(', ')
}

/** What the issuer does with a narrower scope, for a person. */
const NARROWING: Readonly<Record<GrantDetail['scope_narrowing'], string>> = {
  honored: 'honored: a token can have fewer scopes than the grant',
  ignored: 'ignored: every token has all scopes of the grant',
  sticky: 'sticky: never asked for, as it would shrink the grant',
  none: 'none (unknown): never asked for',
}

/** What follows when a refresh ends earlier tokens, for a person. */
const SHARING = 'one token for all callers: a refresh ends the one before'

/** Sockets that give tokens of it. */
function capabilityRows({ capabilities = [] }: GrantDetail): [string, string][] {
  return capabilities.map((one) => ['capability', `${one.name}, used ${usesText(one)} times`])
}

/** The programs that got tokens of it. */
function usedByRows({ used_by = [] }: GrantDetail, clock: LocalClock): [string, string][] {
  return used_by.map((one) => ['used by', `${one.executable}  ${moment(one.last_used_at, clock)}`])
}

function scopeRows({ scopes, audiences }: GrantDetail): [string, string][] {
  const bare = scopes[''] ?? ''
  return [
    ...(bare === '' ? [] : ([['scopes', bare]] as [string, string][])),
    ...audiences.map((audience): [string, string] => [
      'audience',
      [audience, scopes[audience]].filter((part) => part !== undefined && part !== '').join('  '),
    ]),
  ]
}
