import { capabilityUse } from './capabilities.ts'
import { anyInteger, anyString, closed, grantName, stringMap } from './parts.ts'
import { revocationMembers, revocationNeeds } from './revocations.ts'

/** The name of a grant in a path. */
export const grantParams = closed({ grant: grantName }, ['grant'])

const summaryMembers = { grant: anyString, state: anyString }

/** What every caller may know of grants. */
export const grantSummaryList = closed(
  { grants: { type: 'array', items: closed(summaryMembers, ['grant', 'state']) } },
  ['grants'],
)

/** What the owner may know of one. */
export const grantDetail = closed(
  {
    ...summaryMembers,
    issuer: anyString,
    client_id: anyString,
    subject: anyString,
    flow: anyString,
    preset: anyString,
    preset_values: stringMap,
    scopes: stringMap,
    audiences: { type: 'array', items: anyString },
    scope_narrowing: anyString,
    rotation_grace: anyInteger,
    refresh_invalidates_access_tokens: { type: 'boolean' },
    generation: anyInteger,
    created_at: anyString,
    last_used_at: anyString,
    last_refreshed_at: anyString,
    reason: anyString,
    used_by: {
      type: 'array',
      items: closed({ executable: anyString, last_used_at: anyString }, [
        'executable',
        'last_used_at',
      ]),
    },
    exposure: { type: 'array', items: anyString },
    capabilities: { type: 'array', items: capabilityUse },
    ...revocationMembers,
  },
  [
    'grant',
    'state',
    'issuer',
    'client_id',
    'flow',
    'scopes',
    'audiences',
    'scope_narrowing',
    'generation',
    'created_at',
    ...revocationNeeds,
  ],
)

const grantDetails = { type: 'array', items: grantDetail } as const

/** The same of every grant; those that a later login replaced stand apart. */
export const grantDetailList = closed({ grants: grantDetails, replaced: grantDetails }, [
  'grants',
  'replaced',
])
